using System.Buffers;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// Represents one stream of a session: two half-streams that close on their own. One read and one write may be under way together.
/// </summary>
internal sealed class YamuxStream : IByteChannel
{
    private readonly YamuxSession _session;
    private bool _reset;

    internal YamuxStream(YamuxSession session, uint id, bool isInbound)
    {
        _session = session;
        Id = id;
        IsInbound = isInbound;
        Sender = new YamuxSender(id, session.Writer, () => _session.HalfClosed(this));
        Receiver = session.NewReceiver();
    }

    /// <summary>Gets the stream's number: odd when the side that dialed the connection opened it.</summary>
    public uint Id { get; }

    /// <summary>True when the peer opened it.</summary>
    public bool IsInbound { get; }

    /// <summary>True once either side reset it.</summary>
    public bool IsReset => Volatile.Read(ref _reset);

    /// <summary>Gets the receive window now, in bytes.</summary>
    public int ReceiveWindow => Receiver.Window;

    internal YamuxSender Sender { get; }

    internal YamuxReceiver Receiver { get; }

    /// <summary>Gated. The peer acknowledged it, or it is the peer's own.</summary>
    internal bool IsAcknowledged { get; set; }

    /// <summary>Gated. The peer's FIN came.</summary>
    internal bool RemoteFinished { get; set; }

    /// <summary>Reads what is there, waiting for at least one byte. An empty <paramref name="destination"/> gives 0 at once.</summary>
    /// <returns>The number of bytes; 0 after the peer's FIN and all before it.</returns>
    /// <exception cref="InvalidOperationException">Another read has not ended.</exception>
    /// <exception cref="Libp2pException">StreamReset; ConnectionClosed, once what had arrived was read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no byte was lost.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        ValueTask<int> read = Receiver.ReadAsync(destination, ct, out int credit);
        if (credit > 0)
        {
            _session.Grant(this, credit);
            _session.Writer.Kick(inline: true);
        }
        return read;
    }

    /// <summary>
    /// Writes all of <paramref name="data"/>, waiting for the peer's window; the memory may be reused once the task completes. After a
    /// cancellation the stream stays usable, and what had been framed by then counts as sent: how much that is cannot be told.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another write has not ended, or the stream was closed for writing.</exception>
    /// <exception cref="Libp2pException">StreamReset or ConnectionClosed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken ct) => Sender.WriteAsync(data, ct);

    /// <inheritdoc cref="WriteAsync(ReadOnlySequence{byte}, CancellationToken)"/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct) => Sender.WriteAsync(new ReadOnlySequence<byte>(data), ct);

    /// <summary>
    /// Half-closes: the peer reads 0 after the last byte. Follows a write that is under way, and does not wait for the peer. More than
    /// once does nothing.
    /// </summary>
    /// <exception cref="Libp2pException">StreamReset or ConnectionClosed.</exception>
    public ValueTask CloseWriteAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Sender.RequestFin();
        return default;
    }

    /// <summary>Ends the stream both ways at once; reads and writes fail with StreamReset. May be called at any time, more than once.</summary>
    public void Reset() => _session.Reset(this, "The stream was reset from this side.");

    internal void MarkReset() => Volatile.Write(ref _reset, true);
}
