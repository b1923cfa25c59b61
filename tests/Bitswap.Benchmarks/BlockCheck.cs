using System.Security.Cryptography;

namespace Bitswap.Benchmarks;

/// <summary>Gathers a stream into blocks and verifies each by its hash, as a Bitswap peer must.</summary>
internal sealed class BlockCheck(int size, byte[] expected)
{
    private readonly byte[] _block = new byte[size];
    private readonly byte[] _digest = new byte[SHA256.HashSizeInBytes];
    private int _filled;

    /// <summary>The blocks that were whole and right.</summary>
    public int Verified { get; private set; }

    public void Append(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            int take = Math.Min(data.Length, size - _filled);
            data[..take].CopyTo(_block.AsSpan(_filled));
            _filled += take;
            data = data[take..];
            if (_filled == size)
            {
                _filled = 0;
                SHA256.HashData(_block, _digest);
                Verified += _digest.AsSpan().SequenceEqual(expected) ? 1 : throw new InvalidDataException("A block does not match its hash.");
            }
        }
    }
}
