using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Bitswap.Dag.Tests.UnixFs.Import;

/// <summary>
/// The deterministic bytes that Kubo's own tests add (kubo <c>test/cli/testutils/random_deterministic.go</c>): the ChaCha20 key stream
/// (RFC 8439) under the SHA-256 of a seed, with a nonce and a counter of zero.
/// </summary>
internal sealed class ChaCha20Stream : Stream
{
    private readonly uint[] _state = new uint[16];
    private readonly byte[] _block = new byte[64];
    private readonly long _length;
    private int _used = 64;

    public ChaCha20Stream(string seed, long length)
    {
        _length = length;
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes(seed));
        "expand 32-byte k"u8.ToArray().Chunk(4).Select(word => BinaryPrimitives.ReadUInt32LittleEndian(word)).ToArray().CopyTo(_state, 0);
        key.Chunk(4).Select(word => BinaryPrimitives.ReadUInt32LittleEndian(word)).ToArray().CopyTo(_state, 4);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count = (int)Math.Min(buffer.Length, _length - Position);
        for (int i = 0; i < count;)
        {
            if (_used == 64)
            {
                NextBlock();
                _used = 0;
            }

            int taken = Math.Min(64 - _used, count - i);
            _block.AsSpan(_used, taken).CopyTo(buffer[i..]);
            _used += taken;
            i += taken;
        }

        Position += count;
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void NextBlock()
    {
        Span<uint> x = stackalloc uint[16];
        _state.CopyTo(x);
        for (int i = 0; i < 10; i++)
        {
            Quarter(ref x[0], ref x[4], ref x[8], ref x[12]);
            Quarter(ref x[1], ref x[5], ref x[9], ref x[13]);
            Quarter(ref x[2], ref x[6], ref x[10], ref x[14]);
            Quarter(ref x[3], ref x[7], ref x[11], ref x[15]);
            Quarter(ref x[0], ref x[5], ref x[10], ref x[15]);
            Quarter(ref x[1], ref x[6], ref x[11], ref x[12]);
            Quarter(ref x[2], ref x[7], ref x[8], ref x[13]);
            Quarter(ref x[3], ref x[4], ref x[9], ref x[14]);
        }

        for (int i = 0; i < 16; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_block.AsSpan(4 * i), x[i] + _state[i]);
        }

        _state[12]++;
    }

    private static void Quarter(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 16);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 12);
        a += b;
        d = BitOperations.RotateLeft(d ^ a, 8);
        c += d;
        b = BitOperations.RotateLeft(b ^ c, 7);
    }
}
