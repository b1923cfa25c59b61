namespace Bitswap.Node.Abstractions;

/// <summary>One bidirectional stream of Bitswap messages with a peer. One reader and one writer at a time.</summary>
/// <remarks>The network encodes and decodes: what a message looks like on its way, and in how many frames it goes, is not known above this seam.</remarks>
public interface IPeerStream : IAsyncDisposable
{
    /// <summary>Gets the peer at the other end, as it proved itself.</summary>
    PeerId Peer { get; }

    /// <summary>Gets the protocol id negotiated for the stream.</summary>
    string Protocol { get; }

    /// <summary>Reads the messages that come, until the peer closes its side. One that is not detached is valid until the next is asked for.</summary>
    /// <param name="admission">Says when more may be read.</param>
    /// <param name="cancellationToken">The connection is gone.</param>
    /// <exception cref="WireException">The peer sent what is no message, or too large a one; also from <see cref="IncomingMessage.ReadPart"/>.</exception>
    /// <exception cref="EndOfStreamException">The peer closed its side inside a message.</exception>
    /// <exception cref="TimeoutException">A message came too slowly.</exception>
    /// <exception cref="IOException">The stream was reset.</exception>
    IAsyncEnumerable<IncomingMessage> ReadAsync(IMessageAdmission admission, CancellationToken cancellationToken);

    /// <summary>Writes a message, waiting while the peer takes nothing. Its blocks may be used for something else once the task has ended, however it did.</summary>
    /// <exception cref="WireException">A block of it is too large for any message.</exception>
    /// <exception cref="TimeoutException">The peer did not take it in the time its size allows.</exception>
    /// <exception cref="IOException">The stream was reset.</exception>
    ValueTask WriteAsync(BitswapMessage message, CancellationToken cancellationToken);

    /// <summary>Tells the peer that nothing more will be written.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellationToken);

    /// <summary>Ends the stream at once, both ways.</summary>
    void Reset();
}

/// <summary>Says when a stream may read on, so that a peer is slowed at its socket.</summary>
public interface IMessageAdmission
{
    /// <summary>Waits until a message may begin that needs memory of its own.</summary>
    /// <param name="size">Its bytes.</param>
    /// <param name="cancellationToken">The connection is gone.</param>
    /// <returns>Its room, which the message gives back when it is released.</returns>
    ValueTask<IMessageRoom> ReserveAsync(int size, CancellationToken cancellationToken);

    /// <summary>Hears that a part of a message has come, and not yet the rest.</summary>
    ValueTask ArrivingAsync(CancellationToken cancellationToken);
}

/// <summary>The room of a message that needs memory of its own, from its first byte until its memory is free again.</summary>
public interface IMessageRoom : IDisposable
{
    /// <summary>Gets what ends the reading of it: it is late, others need its room, or the connection is gone.</summary>
    CancellationToken Token { get; }

    /// <summary>Gets whether it was too slow.</summary>
    bool IsLate { get; }

    /// <summary>Gets how fast it comes.</summary>
    double BytesPerSecond { get; }

    /// <summary>Notes that so many bytes of it came.</summary>
    void Arrived(int bytes);

    /// <summary>Notes that it is whole, so that nothing ends it any more.</summary>
    void IsWhole();
}

/// <summary>
/// A message that came whole and is decoded part by part. Its memory is used by its reader, and by each part until the engine has taken that; with the last of them it
/// is released.
/// </summary>
public abstract class IncomingMessage
{
    private int _users = 1;
    private volatile bool _isKept;

    /// <summary>Gets its length in bytes.</summary>
    public abstract int Size { get; }

    /// <summary>Gets whether its memory is its own, so that it may be decoded on another thread while the next is read.</summary>
    public abstract bool IsDetached { get; }

    /// <summary>Gets the number of wantlist entries, blocks and presences that are not read yet.</summary>
    /// <exception cref="WireException">The peer sent what is no message.</exception>
    public abstract int Left { get; }

    /// <summary>Gets the number of wantlist entries and presences among them.</summary>
    public abstract int EntriesLeft { get; }

    /// <summary>Reads the next part and hashes its blocks, on the calling thread. A message has one part at least.</summary>
    /// <param name="maxElements">The most entries, blocks and presences of the part, together.</param>
    /// <exception cref="WireException">The peer sent what is no message.</exception>
    public abstract BitswapMessage ReadPart(int maxElements);

    /// <summary>Adds one that uses the memory.</summary>
    public void AddUser() => Interlocked.Increment(ref _users);

    /// <summary>Notes that a block in the memory is kept.</summary>
    public void Keep() => _isKept = true;

    /// <summary>Notes that one uses the memory no more.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Release(_isKept);
        }
    }

    /// <summary>Frees what the message holds.</summary>
    /// <param name="isKept">Whether a block in its memory is kept.</param>
    protected abstract void Release(bool isKept);
}

/// <summary>How a network reads and writes the messages of a node.</summary>
public sealed record MessageOptions
{
    /// <summary>The bound of one message's time to be taken: 2 s and its size at 12.5 kB/s, within 10 s and 2 min (boxo's reply deadline).</summary>
    private const double SlowestBytesPerSecond = 12_500;

    /// <summary>Gets the protocol ids that are spoken, in order of preference.</summary>
    public required IReadOnlyList<string> Protocols { get; init; }

    /// <summary>Gets what is refused of a message, and how large those sent may be.</summary>
    public WireLimits Wire { get; init; } = WireLimits.Default;

    /// <summary>Gets where large messages are read to.</summary>
    public FrameMemory Memory { get; init; } = new();

    /// <summary>Gets the clock of deadlines.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Returns how long a peer may take to accept a message of this size, or to send one that needs room of its own.</summary>
    public static TimeSpan TransferTime(int bytes) => TimeSpan.FromSeconds(Math.Clamp(2 + (bytes / SlowestBytesPerSecond), 10, 120));

    /// <summary>Returns how long so many bytes take at the slowest rate that is accepted.</summary>
    public static TimeSpan TimeOf(int bytes) => TimeSpan.FromSeconds(bytes / SlowestBytesPerSecond);
}
