using System.Runtime.CompilerServices;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>
/// Represents the limits of one yamux session. Every value is checked when it is set.
/// </summary>
public sealed record YamuxOptions
{
    /// <summary>The receive window that the specification gives a stream before any update: 256 KiB.</summary>
    public const int SpecifiedWindow = 256 * 1024;

    /// <summary>The largest receive window that may be configured: 1 GiB.</summary>
    public const int WindowCeiling = 1 << 30;

    /// <summary>Gets the limits used when none are given.</summary>
    public static YamuxOptions Default { get; } = new();

    /// <summary>Gets how many streams the peer may have open; more are reset. 1 to 1 000 000, default 1000 (go-yamux <c>MaxIncomingStreams</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxInboundStreams { get; init => field = Check(value, 1, 1_000_000); } = 1000;

    /// <summary>
    /// Gets how many streams may wait for their ACK. The peer's are reset beyond it, ours wait in <c>OpenAsync</c>. 1 to 65 536, default 256
    /// (go-yamux <c>AcceptBacklog</c>, rust-yamux <c>MAX_ACK_BACKLOG</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int AckBacklog { get; init => field = Check(value, 1, 65_536); } = 256;

    /// <summary>
    /// Bytes that a peer may send on a new stream. 256 KiB, which is the specification's and the default, to <see cref="WindowCeiling"/>;
    /// what is over 256 KiB is granted with the SYN or the ACK.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int InitialWindow { get; init => field = Check(value, SpecifiedWindow, WindowCeiling); } = SpecifiedWindow;

    /// <summary>
    /// Bytes up to which a stream's receive window grows by use. <see cref="InitialWindow"/> to <see cref="WindowCeiling"/>, default 16 MiB
    /// (go-yamux <c>MaxStreamWindowSize</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxWindow { get; init => field = Check(value, SpecifiedWindow, WindowCeiling); } = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes of memory that all streams of a session may hold for their readers. Windows grow only while their sum stays within it; a
    /// stream whose data would go over it is reset. 256 KiB to <see cref="WindowCeiling"/>, default 32 MiB.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int ReceiveBudget { get; init => field = Check(value, SpecifiedWindow, WindowCeiling); } = 32 * 1024 * 1024;

    /// <summary>Bytes that are written before the connection is flushed. 4 KiB to 256 KiB, default 256 KiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int WriteBatchBytes { get; init => field = Check(value, 4096, SecureChannel.FlushThreshold); } = SecureChannel.FlushThreshold;

    /// <summary>
    /// Gets how many frames without payload may wait to be sent beyond one a stream. Ping replies are dropped from half of it on; a peer that makes
    /// us owe more than that without reading loses the session. 16 to 65 536, default 1024.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxPendingControlFrames { get; init => field = Check(value, 16, 65_536); } = 1024;

    /// <summary>Gets how many of our own pings may be unanswered. 1 to 1024, default 32 (go-yamux <c>PingBacklog</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxOutstandingPings { get; init => field = Check(value, 1, 1024); } = 32;

    /// <summary>Gets how long a ping is waited for. Up to a day, default 10 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public TimeSpan PingTimeout { get; init => field = Check(value); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how old the measured round trip may become before receiving measures it again. Up to a day, default 1 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public TimeSpan RoundTripInterval { get; init => field = Check(value); } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long the connection may refuse to take a batch before the session is given up. Up to a day, default 30 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public TimeSpan WriteTimeout { get; init => field = Check(value); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long closing waits for the last frames to be sent. Up to a day, default 2 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public TimeSpan CloseTimeout { get; init => field = Check(value); } = TimeSpan.FromSeconds(2);

    /// <summary>Checks what only two values together can tell.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="MaxWindow"/> or <see cref="ReceiveBudget"/> is under <see cref="InitialWindow"/>.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWindow, InitialWindow);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReceiveBudget, InitialWindow);
    }

    private static int Check(int value, int min, int max, [CallerMemberName] string name = "") =>
        value >= min && value <= max ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is from {min} to {max}.");

    private static TimeSpan Check(TimeSpan value, [CallerMemberName] string name = "") =>
        value > TimeSpan.Zero && value <= TimeSpan.FromDays(1)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is over zero and at most a day.");
}
