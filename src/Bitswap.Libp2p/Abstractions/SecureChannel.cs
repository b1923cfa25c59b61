using Bitswap.Libp2p.Crypto;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>
/// Represents an authenticated, encrypted connection as the muxer sees it. Reading hands out memory of the channel itself, writing collects into the
/// channel's own buffer, so that a byte is moved no more often than its encryption asks for.
/// One reader and one writer at a time; they may be two tasks.
/// </summary>
internal abstract class SecureChannel : IByteChannel, IAsyncDisposable
{
    /// <summary>
    /// The writer's duty: flush as soon as <see cref="BufferedBytes"/> reaches this. The outgoing buffer has room for this much and one
    /// largest yamux frame (64 KiB) besides.
    /// </summary>
    public const int FlushThreshold = 256 * 1024;

    /// <summary>Gets who is at the other end, as the handshake proved.</summary>
    public abstract PeerId RemotePeer { get; }

    /// <summary>Gets the key that proved it.</summary>
    public abstract PublicKey RemoteKey { get; }

    /// <summary>Gets the muxer agreed on inside the handshake, e.g. <c>/yamux/1.0.0</c>; <see langword="null"/> when it is still to be negotiated.</summary>
    public abstract string? EarlyMuxer { get; }

    /// <summary>Gets the muxers that the other side named during the handshake; none where it named none, or the protocol does not tell.</summary>
    public virtual IReadOnlyList<string> RemoteMuxers => [];

    /// <summary>Gets how many plaintext bytes <see cref="Write"/> took that <see cref="FlushAsync"/> has not handed to the socket.</summary>
    public abstract int BufferedBytes { get; }

    /// <summary>
    /// Returns the plaintext not yet passed to <see cref="Advance"/>, or, when there is none, the next that arrives. Empty at the end.
    /// Valid until the next call of a reading member. A cancelled read loses nothing.
    /// </summary>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct);

    /// <summary>Consumes the first <paramref name="consumed"/> bytes of what <see cref="ReadAsync(CancellationToken)"/> returned.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than that, or a negative number.</exception>
    public abstract void Advance(int consumed);

    /// <summary>Appends <paramref name="plaintext"/> to what the next <see cref="FlushAsync"/> sends.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full: <see cref="FlushThreshold"/> was passed over.</exception>
    public abstract void Write(ReadOnlySpan<byte> plaintext);

    /// <summary>
    /// Sends all that was written. A flush that is cancelled or fails after it began to send aborts the connection, since part of an
    /// encrypted message on the wire cannot be taken back. One that finds <paramref name="ct"/> cancelled beforehand sends nothing; what was
    /// written stays for the next.
    /// </summary>
    public abstract ValueTask FlushAsync(CancellationToken ct);

    /// <summary>Closes the connection at once; pending reads and flushes fail. May be called from any thread, any number of times.</summary>
    public abstract void Abort();

    /// <inheritdoc/>
    public virtual async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        if (destination.IsEmpty)
        {
            return 0;
        }
        ReadOnlyMemory<byte> plaintext = await ReadAsync(ct).ConfigureAwait(false);
        int count = Math.Min(plaintext.Length, destination.Length);
        plaintext.Span[..count].CopyTo(destination.Span);
        Advance(count);
        return count;
    }

    /// <inheritdoc/>
    /// <remarks>Cancelled beforehand it sends nothing; later it aborts the connection, as <see cref="FlushAsync"/> does.</remarks>
    public virtual async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            while (!data.IsEmpty)
            {
                int count = Math.Min(data.Length, Math.Max(0, FlushThreshold - BufferedBytes));
                Write(data.Span[..count]);
                data = data[count..];
                await FlushAsync(ct).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
    }

    /// <summary>Aborts, if that is still to be done, and returns the buffers once no operation uses them.</summary>
    public abstract ValueTask DisposeAsync();
}
