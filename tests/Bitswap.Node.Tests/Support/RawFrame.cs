using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Tests.Support;

/// <summary>Bytes as a peer may send them, right or wrong.</summary>
internal sealed class RawFrame(byte[] bytes)
{
    public RawFrame(BitswapMessage message)
        : this(new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)])
    {
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, Bytes);
    }

    public byte[] Bytes => bytes;

    /// <summary>A message with one block under a hash function and a length of digest.</summary>
    public static RawFrame OfHash(byte code, byte length) => new([12, 0x1a, 10, 0x0a, 4, 1, 0x55, code, length, 0x12, 2, 1, 2]);

    /// <summary>The declared length of a message, and its first byte.</summary>
    public static RawFrame OfLength(int length)
    {
        byte[] frame = new byte[Varint.Length((ulong)length) + 1];
        Varint.Write(frame, (ulong)length);
        return new RawFrame(frame);
    }
}
