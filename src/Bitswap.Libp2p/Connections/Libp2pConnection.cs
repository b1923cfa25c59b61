using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Yamux;

namespace Bitswap.Libp2p.Connections;

/// <summary>Represents one secured connection with a peer. What it tells may change while it lives; it is safe to read from any thread.</summary>
public sealed class Libp2pConnection
{
    // RFC 6298 section 2: the smoothing factor of a round trip time
    private const double LatencySmoothing = 1.0 / 8;

    private readonly UpgradedConnection _upgraded;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly long _openedAt;
    private RemoteIdentity _identity = RemoteIdentity.Unknown;
    private TimeSpan? _latency;
    private string? _closeReason;
    private bool _closedHere;
    private long _idleSince;
    private int _inboundStreams;
    private int _outboundStreams;
    private int _isClosing;
    private bool _pushing;
    private bool _pushed;
    private long _toldVersion;

    internal Libp2pConnection(UpgradedConnection upgraded, Libp2pOptions options, long toldVersion)
    {
        _upgraded = upgraded;
        _clock = options.Clock;
        _toldVersion = toldVersion;
        _openedAt = _idleSince = _clock.GetTimestamp();
        Opened = _clock.GetUtcNow();
        RemoteAddress = AddressOf(upgraded.RemoteEndPoint, upgraded.Over).WithPeerId(upgraded.RemotePeer);
        // behind a relay, both sides are found where the relay is
        LocalAddress = AddressOf(upgraded.Circuit is null ? upgraded.LocalEndPoint : upgraded.RemoteEndPoint, upgraded.Over);
        Closing = _closing.Token;
    }

    /// <summary>Gets the peer, proven by its key.</summary>
    public PeerId RemotePeer => _upgraded.RemotePeer;

    /// <summary>Gets where the other side's socket is, with its peer id. Of an inbound connection the port is seldom one it listens on.</summary>
    public Multiaddr RemoteAddress { get; }

    /// <summary>Gets the relay that carries it, with its limits; null for a direct connection.</summary>
    public RelayCircuit? Circuit => _upgraded.Circuit;

    /// <summary>Gets the IP address in it; of a relayed connection that of the relay.</summary>
    internal IPAddress RemoteIp => _upgraded.RemoteEndPoint.Address;

    /// <summary>Gets where this side's socket is.</summary>
    public Multiaddr LocalAddress { get; }

    /// <summary>Gets who dialed.</summary>
    public ConnectionDirection Direction => _upgraded.Direction;

    /// <summary>Gets what secures it.</summary>
    public SecurityProtocol Security => _upgraded.Security;

    /// <summary>Gets when it was secured.</summary>
    public DateTimeOffset Opened { get; }

    /// <summary>Gets the software the peer says it runs, at most 256 characters, none of them control characters; null before identify.</summary>
    public string? AgentVersion => Identity.AgentVersion;

    /// <summary>Gets the protocol family the peer says it belongs to, such as <c>ipfs/0.1.0</c>; null before identify.</summary>
    public string? ProtocolVersion => Identity.ProtocolVersion;

    /// <summary>Gets the protocols the peer says it answers; empty before identify.</summary>
    public IReadOnlyList<string> RemoteProtocols => Identity.Protocols;

    /// <summary>Gets what the peer says this side's address looks like from there; null before identify.</summary>
    public Multiaddr? ObservedAddress => Identity.ObservedAddress;

    /// <summary>Gets whether the peer told its protocols.</summary>
    public bool IsIdentified => Identity != RemoteIdentity.Unknown;

    /// <summary>Gets the round trip time, smoothed over pings; null before the first.</summary>
    public TimeSpan? Latency
    {
        get
        {
            lock (_gate)
            {
                return _latency;
            }
        }
    }

    /// <summary>Gets the streams that are open, both directions.</summary>
    public int StreamCount => Volatile.Read(ref _inboundStreams) + Volatile.Read(ref _outboundStreams);

    internal YamuxSession Session => _upgraded.Session;

    internal IPEndPoint RemoteEndPoint => _upgraded.RemoteEndPoint;

    internal IPEndPoint LocalEndPoint => _upgraded.LocalEndPoint;

    /// <summary>Gets what stands behind the TCP port in its addresses; null for plain TCP.</summary>
    internal Multiaddr? Over => _upgraded.Over;

    internal PublicKey RemoteKey => _upgraded.RemoteKey;

    /// <summary>Cancelled when the connection begins to end.</summary>
    internal CancellationToken Closing { get; }

    /// <summary>Gets whether no more streams are to be opened on it.</summary>
    internal bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    /// <summary>Completes when the connection is gone and its end was told.</summary>
    internal Task Ended => _ended.Task;

    internal int InboundStreams => _inboundStreams;

    internal int OutboundStreams => _outboundStreams;

    /// <summary>Open inbound streams of those protocols that limit them. Guarded by the connection table's lock.</summary>
    internal Dictionary<string, int> LimitedStreams { get; } = [];

    internal TimeSpan Age => _clock.GetElapsedTime(_openedAt);

    /// <summary>Gets how long there has been no stream; zero while there is one.</summary>
    internal TimeSpan IdleTime => StreamCount > 0 ? TimeSpan.Zero : _clock.GetElapsedTime(Volatile.Read(ref _idleSince));

    /// <summary>Gets why it ended; of no use before it has.</summary>
    public string CloseReason => Volatile.Read(ref _closeReason) ?? "it ended";

    /// <summary>Gets whether this side closed it.</summary>
    public bool IsClosedHere => Volatile.Read(ref _closedHere);

    internal RemoteIdentity Identity => Volatile.Read(ref _identity);

    /// <summary>Called under the connection table's lock.</summary>
    internal void CountStream(ConnectionDirection direction, int change)
    {
        if (direction == ConnectionDirection.Inbound)
        {
            Volatile.Write(ref _inboundStreams, _inboundStreams + change);
        }
        else
        {
            Volatile.Write(ref _outboundStreams, _outboundStreams + change);
        }
        Volatile.Write(ref _idleSince, _clock.GetTimestamp());
    }

    internal void Measured(TimeSpan roundTrip)
    {
        lock (_gate)
        {
            _latency = _latency is { } before ? before + ((roundTrip - before) * LatencySmoothing) : roundTrip;
        }
    }

    internal void UpdateIdentity(Func<RemoteIdentity, RemoteIdentity> change)
    {
        lock (_gate)
        {
            Volatile.Write(ref _identity, change(_identity));
        }
    }

    /// <summary>
    /// Notes which version of our own identity an answer told the peer. Once there was a push it does not count: which of the two the
    /// peer takes for the newer is not known, and a further push settles it.
    /// </summary>
    internal void Answered(long version)
    {
        lock (_gate)
        {
            _toldVersion = _pushed ? _toldVersion : Math.Max(_toldVersion, version);
        }
    }

    /// <summary>Returns whether there is something to tell that is not being told yet; if so the caller must, until <see cref="EndPush"/>.</summary>
    internal bool TryBeginPush(long version)
    {
        lock (_gate)
        {
            if (_pushing || _toldVersion >= version)
            {
                return false;
            }
            return _pushing = _pushed = true;
        }
    }

    /// <summary>Notes which version of our own identity a push told the peer.</summary>
    internal void EndPush(long version)
    {
        lock (_gate)
        {
            _toldVersion = Math.Max(_toldVersion, version);
            _pushing = false;
        }
    }

    /// <summary>Keeps new streams off it.</summary>
    internal void StopOpening() => Volatile.Write(ref _isClosing, 1);

    /// <summary>
    /// Ends it: open streams fail, the goodbye is sent if the connection takes it within <see cref="YamuxOptions.CloseTimeout"/>. The first
    /// reason given counts.
    /// </summary>
    internal async Task CloseAsync(string? reason)
    {
        NoteEnd(reason);
        StopOpening();
        Task closed = Session.DisposeAsync().AsTask();
        await _closing.CancelAsync().ConfigureAwait(false);
        await closed.ConfigureAwait(false);
    }

    /// <summary>Ends it at once, without a word.</summary>
    internal Task AbortAsync(string reason)
    {
        NoteEnd(reason);
        _upgraded.Channel.Abort();
        return CloseAsync(reason);
    }

    /// <summary>It ends: with a reason of this side's, else for what the session met. The first counts.</summary>
    internal void NoteEnd(string? reason = null)
    {
        lock (_gate)
        {
            string? why = Session.Fault?.Message ?? reason;
            if (_closeReason is null && why is not null)
            {
                Volatile.Write(ref _closeReason, why);
                Volatile.Write(ref _closedHere, Session.Fault is null);
            }
        }
    }

    internal void SetEnded() => _ended.TrySetResult();

    private static Multiaddr AddressOf(IPEndPoint endPoint, Multiaddr? over) =>
        over is null ? Multiaddr.FromEndPoint(endPoint) : Multiaddr.FromEndPoint(endPoint).Encapsulate(over);
}
