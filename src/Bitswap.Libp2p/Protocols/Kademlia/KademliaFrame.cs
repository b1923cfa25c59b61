using System.Buffers;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Reads a message with its length before it from a stream.</summary>
internal static class KademliaFrame
{
    private const int FirstBuffer = 4096;

    /// <summary>Reads one message; what follows it is not looked at. The buffer grows with what has come, not with what is claimed.</summary>
    /// <param name="read">Where from.</param>
    /// <param name="maxSize">The largest message that is read, in bytes.</param>
    /// <param name="decode">Makes something of the message, which is gone afterwards.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="Libp2pException">ProtocolViolation: too long, cut off, or its length is no varint. Or what decoding throws.</exception>
    public static async ValueTask<T> ReadAsync<T>(
        Func<Memory<byte>, CancellationToken, ValueTask<int>> read, int maxSize, Func<ReadOnlyMemory<byte>, T> decode, CancellationToken ct)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            int held = 0;
            while (true)
            {
                if (TryFind(buffer.AsSpan(0, held), maxSize, out Range message))
                {
                    return decode(buffer.AsMemory(message));
                }
                if (held == buffer.Length)
                {
                    buffer = Grow(buffer, maxSize + Varint.MaxLength);
                }
                int count = await read(buffer.AsMemory(held), ct).ConfigureAwait(false);
                held += count > 0 ? count : throw KademliaCodec.Malformed("it ends in the middle");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool TryFind(ReadOnlySpan<byte> held, int maxSize, out Range message)
    {
        message = default;
        switch (Varint.TryRead(held, out ulong length, out int prefix))
        {
            case OperationStatus.InvalidData:
                throw KademliaCodec.Malformed("its length is no varint");
            case OperationStatus.NeedMoreData:
                return false;
        }
        if (length > (ulong)maxSize)
        {
            throw KademliaCodec.Malformed($"it claims {length} bytes, and {nameof(KademliaOptions.MaxMessageSize)} is {maxSize}");
        }
        message = prefix..(prefix + (int)length);
        return held.Length >= message.End.Value;
    }

    private static byte[] Grow(byte[] buffer, int max)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, max));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
