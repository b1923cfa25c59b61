using System.Buffers;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// Reads and writes the messages of a relay, each a varint length and a protobuf. Nothing behind a message is taken: what follows the last is the relayed connection.
/// </summary>
internal static class RelayFrames
{
    /// <summary>The largest message that is read or written, in bytes (go-libp2p, maxMessageSize).</summary>
    public const int MaxMessage = 4096;

    /// <summary>Reads one message.</summary>
    /// <exception cref="Libp2pException">ProtocolViolation: too long, cut off, or no such protobuf.</exception>
    public static async ValueTask<T> ReadAsync<T>(BufferedChannel channel, MessageParser<T> parser, CancellationToken ct)
        where T : IMessage<T>
    {
        int needed = 1;
        while (true)
        {
            if (!await channel.FillAsync(needed, ct).ConfigureAwait(false))
            {
                throw Malformed("it ends in the middle");
            }
            if (TryTake(channel, parser, out T? message, out needed))
            {
                return message!;
            }
        }
    }

    /// <summary>Writes one message.</summary>
    public static ValueTask WriteAsync(BufferedChannel channel, IMessage message, CancellationToken ct)
    {
        int size = message.CalculateSize();
        byte[] frame = new byte[Varint.Length((ulong)size) + size];
        int prefix = Varint.Write(frame, (ulong)size);
        message.WriteTo(frame.AsSpan(prefix));
        return channel.WriteAsync(frame, ct);
    }

    /// <summary>Returns the error of a message that is not as it should be.</summary>
    public static Libp2pException Malformed(string what) => new(Libp2pErrorIds.ProtocolViolation, $"A message of the relay protocol is wrong: {what}.");

    private static bool TryTake<T>(BufferedChannel channel, MessageParser<T> parser, out T? message, out int needed)
        where T : IMessage<T>
    {
        message = default;
        ReadOnlySpan<byte> held = channel.Buffered.Span;
        needed = held.Length + 1;
        switch (Varint.TryRead(held, out ulong length, out int prefix))
        {
            case OperationStatus.InvalidData:
                throw Malformed("its length is no varint");
            case OperationStatus.NeedMoreData:
                return false;
        }
        if (length > MaxMessage)
        {
            throw Malformed($"it claims {length} bytes, and {MaxMessage} are allowed");
        }
        needed = prefix + (int)length;
        if (held.Length < needed)
        {
            return false;
        }
        try
        {
            message = parser.ParseFrom(held[prefix..needed]);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new Libp2pException(Libp2pErrorIds.ProtocolViolation, $"A message of the relay protocol is malformed: {error.Message}", error);
        }
        channel.Consume(needed);
        return true;
    }
}
