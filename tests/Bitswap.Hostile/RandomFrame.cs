using System.Buffers.Binary;
using System.Security.Cryptography;
using Bitswap.Multiformats;

namespace Bitswap.Hostile;

/// <summary>A frame that names other CIDs each time it is sent, which costs its sender next to nothing.</summary>
internal sealed class RandomFrame
{
    private const int DigestLength = 32;
    private readonly byte[] _frame;
    private readonly List<int> _digests = [];
    private ulong _next = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Encodes what is made of so many CIDs.</summary>
    public RandomFrame(int count, Func<Cid[], BitswapMessage> message)
    {
        Cid[] cids = [.. Enumerable.Range(0, count).Select(_ => Cid.Compute(Multicodec.Raw, RandomNumberGenerator.GetBytes(16)))];
        _frame = AttackPeer.Encode(message(cids));
        int from = 0;
        foreach (Cid cid in cids)
        {
            from += _frame.AsSpan(from).IndexOf(cid.ToByteArray()) + cid.ByteLength;
            _digests.Add(from - DigestLength);
        }
    }

    /// <summary>The frame with CIDs that nobody has named before.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        foreach (int digest in _digests)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(_frame.AsSpan(digest), _next += 0x9E3779B97F4A7C15);
        }

        return _frame;
    }

    /// <summary>Names the CIDs that another frame names.</summary>
    public ReadOnlyMemory<byte> As(RandomFrame other)
    {
        for (int i = 0; i < _digests.Count; i++)
        {
            other._frame.AsSpan(other._digests[i], DigestLength).CopyTo(_frame.AsSpan(_digests[i]));
        }

        return _frame;
    }
}
