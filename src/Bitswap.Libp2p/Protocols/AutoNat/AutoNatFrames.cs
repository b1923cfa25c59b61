using System.Buffers;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.AutoNat;

/// <summary>Reads and writes the messages of a stream, each a varint length and a protobuf (autonat-v2.md, "RPC Messages").</summary>
/// <param name="read">Where they come from.</param>
/// <param name="write">Where they go.</param>
/// <param name="maxSize">The largest message that is read, in bytes.</param>
internal sealed class AutoNatFrames(
    Func<Memory<byte>, CancellationToken, ValueTask<int>> read, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, int maxSize)
{
    private readonly byte[] _buffer = new byte[maxSize + Varint.MaxLength];
    private int _held;

    /// <summary>Reads one message; what has come behind it is kept for the next call.</summary>
    /// <exception cref="Libp2pException">ProtocolViolation: too long, cut off, or no such protobuf.</exception>
    public async ValueTask<T> ReadAsync<T>(MessageParser<T> parser, CancellationToken ct)
        where T : IMessage<T>
    {
        while (true)
        {
            if (TryTake(parser, out T? message))
            {
                return message!;
            }
            int count = await read(_buffer.AsMemory(_held), ct).ConfigureAwait(false);
            _held += count > 0 ? count : throw Malformed("it ends in the middle");
        }
    }

    /// <summary>Writes one message.</summary>
    public ValueTask WriteAsync(IMessage message, CancellationToken ct)
    {
        int size = message.CalculateSize();
        byte[] frame = new byte[Varint.Length((ulong)size) + size];
        int prefix = Varint.Write(frame, (ulong)size);
        message.WriteTo(frame.AsSpan(prefix));
        return write(frame, ct);
    }

    /// <summary>Returns the error of a message that is not as it should be.</summary>
    public static Libp2pException Malformed(string what) => new(Libp2pErrorIds.ProtocolViolation, $"A message of AutoNAT is wrong: {what}.");

    private bool TryTake<T>(MessageParser<T> parser, out T? message)
        where T : IMessage<T>
    {
        message = default;
        switch (Varint.TryRead(_buffer.AsSpan(0, _held), out ulong length, out int prefix))
        {
            case OperationStatus.InvalidData:
                throw Malformed("its length is no varint");
            case OperationStatus.NeedMoreData:
                return false;
        }
        if (length > (ulong)maxSize)
        {
            throw Malformed($"it claims {length} bytes, and {maxSize} are allowed");
        }
        int end = prefix + (int)length;
        if (_held < end)
        {
            return false;
        }
        try
        {
            message = parser.ParseFrom(_buffer.AsSpan(prefix, (int)length));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new Libp2pException(Libp2pErrorIds.ProtocolViolation, $"A message of AutoNAT is malformed: {error.Message}", error);
        }
        _buffer.AsSpan(end, _held - end).CopyTo(_buffer);
        _held -= end;
        return true;
    }
}
