using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.AutoNat;
using Bitswap.Libp2p.Protocols.Identify;
using Bitswap.Libp2p.Protocols.Ping;
using Bitswap.Libp2p.Protocols.Relay;
using Bitswap.Libp2p.Reachability;
using Bitswap.Libp2p.Transports.Tcp;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Hosting;

/// <summary>
/// Represents a libp2p host: TCP, Noise and TLS, yamux, identify and ping, directly or through relays. It connects to peers, opens streams of protocols and hands those that others open
/// to the handlers. All members are safe to call from any thread; after <see cref="StopAsync"/> each throws NodeStopped.
/// </summary>
/// <remarks>
/// Events are raised one at a time, in the order they happened, on a pool thread. A subscriber must return soon and must not block on a
/// call of the host: new connections wait until their event was raised.
/// </remarks>
public sealed partial class Libp2pHost : IAsyncDisposable
{
    private readonly Libp2pOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly BackgroundTasks _tracker;
    private readonly EventPump _events;
    private readonly ConnectionTable _table;
    private readonly ConnectionLeases _leases;
    private readonly ProtocolTable _protocols;
    private readonly PeerProtection _protection = new();
    private readonly ConnectionPruner _pruner;
    private readonly StreamDispatcher _streams;
    private readonly IdentifyService _identify;
    private readonly PingService _ping;
    private readonly OwnAddresses _own;
    private readonly ConnectionManager _connections;
    private readonly ConnectionUpgrader _upgrader;
    private readonly PendingHandshakes _pending;
    private readonly SharedDials _dials;
    private readonly SemaphoreSlim _dialTurns;
    private readonly ChangeSignal _interfaceChanges = new();
    private readonly TcpDialer<UpgradedConnection> _dialer;
    private readonly SharedDials _relayDials;
    private readonly RelayClient _relays;
    private readonly RelayReservations? _reservations;
    private readonly RelayService? _relay;
    private IReadOnlyList<ListenSocket> _listeners = [];
    private Task? _stopped;

    private Libp2pHost(Libp2pOptions options)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger<Libp2pHost>();
        PeerId = options.Identity.PeerId;
        _tracker = new BackgroundTasks(_logger);
        // a connection has at most its begin, its end, two words of its first identify and its pushes waiting
        _events = new EventPump(options.MaxConnections * (4 + IdentifyService.MaxPerPeer));
        _table = new ConnectionTable(
            options,
            PeerId,
            _events,
            connection => EventPump.Raise(_logger, nameof(PeerConnected), PeerConnected, connection),
            connection => EventPump.Raise(_logger, nameof(PeerIdentified), PeerIdentified, connection),
            connection => EventPump.Raise(_logger, nameof(PeerDisconnected), PeerDisconnected, connection));
        _leases = new ConnectionLeases(CloseUnused);
        _protocols = new ProtocolTable(options.MaxProtocols);
        _pruner = new ConnectionPruner(options, _table, _protection, _leases, _logger);
        _streams = new StreamDispatcher(options, _table, _protocols, _tracker, _logger);
        _own = new OwnAddresses(options.Reachability, options.Clock, PeerId, () => ListenedOn, options.SplitsMachine) { FoundChanged = TellFound };
        _identify = new IdentifyService(
            options,
            _streams,
            _table,
            _protocols,
            _tracker,
            () => _own.ForIdentify,
            _own.Identified,
            _logger);
        _ping = new PingService(options, _streams, _protocols);
        _connections = new ConnectionManager(
            options, PeerId, _table, _streams, _protection, _leases, _tracker, () => _protocols.Version, _identify.AskAsync, _pruner.Signal, Ended, _logger);
        _upgrader = new ConnectionUpgrader(options);
        _pending = new PendingHandshakes(options);
        _dials = new SharedDials(_tracker);
        _relayDials = new SharedDials(_tracker);
        _dialTurns = new SemaphoreSlim(options.MaxPendingDials);
        _dialer = new TcpDialer<UpgradedConnection>(
            options,
            new AddressResolver(options.ResolveTimeout, options.Clock),
            new DnsAddrResolver(options, options.LookUpText),
            async (target, peer, ct) => await _upgrader.UpgradeAsync(
                await TcpDialer<UpgradedConnection>.ConnectSocketAsync(target.EndPoint, ct).ConfigureAwait(false),
                ConnectionDirection.Outbound,
                peer,
                ct,
                target).ConfigureAwait(false),
            (address, terms, maxAttempts, ct) => _relays!.ConnectAsync(address, terms, maxAttempts, ct),
            upgraded => upgraded.DisposeAsync(),
            _logger);
        RelayHost relayHost = DescribeForRelays();
        _relays = new RelayClient(relayHost);
        if (options.Relay.RelayServers.Count > 0)
        {
            RelayReservations reservations = _reservations = new RelayReservations(relayHost, _relays, _own.RelaysChanged);
            _own.Relayed = () => reservations.Addresses;
            _ = new RelayListener(relayHost, reservations.IsHeldAt);
        }
        _relay = options.Relay.Relay ? new RelayService(relayHost) : null;
    }

    /// <summary>Occurs when a peer's first connection is there, but for one that is there for a lookup alone; then when another caller asks for the peer.</summary>
    public event Action<Libp2pConnection>? PeerConnected;

    /// <summary>Occurs when the last connection, which it gives, is gone of a peer for which <see cref="PeerConnected"/> was raised.</summary>
    public event Action<Libp2pConnection>? PeerDisconnected;

    /// <summary>Occurs when a peer told its protocols, at first and again whenever it says that they changed.</summary>
    public event Action<Libp2pConnection>? PeerIdentified;

    /// <summary>Gets who this host is.</summary>
    public PeerId PeerId { get; }

    /// <summary>
    /// Gets where it listens, each with this host's peer id: the ports as they were given, and the addresses of this machine in place of an
    /// unspecified one.
    /// </summary>
    /// <exception cref="Libp2pException">NodeStopped.</exception>
    public IReadOnlyList<Multiaddr> Addresses
    {
        get
        {
            ThrowIfStopped();
            return [.. ListenedOn.Select(address => address.WithPeerId(PeerId))];
        }
    }

    /// <summary>
    /// Gets the same, and what peers report besides, each with what is known of whether others reach this host there. What was known last, when the host has stopped.
    /// </summary>
    public IReadOnlyList<OwnAddress> OwnAddresses => _own.Read();

    /// <summary>Gets the addresses to tell others of, best first.</summary>
    internal IEnumerable<Multiaddr> AnnouncedAddresses => OwnAddress.ToAnnounce(_own.Read()).Select(own => own.Address);

    /// <summary>Gets the connections that are up, but for those that are there for a lookup alone.</summary>
    /// <exception cref="Libp2pException">NodeStopped.</exception>
    public IReadOnlyList<Libp2pConnection> Connections
    {
        get
        {
            ThrowIfStopped();
            return _table.Announced();
        }
    }

    /// <summary>Gets every connection that is up.</summary>
    /// <exception cref="Libp2pException">NodeStopped.</exception>
    internal IReadOnlyList<Libp2pConnection> AllConnections
    {
        get
        {
            ThrowIfStopped();
            return _table.Snapshot();
        }
    }

    /// <summary>Gets what asks peers to dial this host; null where nothing is asked.</summary>
    internal AutoNatClient? AutoNat { get; private set; }

    /// <summary>Gets who uses which connections.</summary>
    internal ConnectionLeases Leases => _leases;

    /// <summary>Gets its limits, clock and log.</summary>
    internal Libp2pOptions Options => _options;

    /// <summary>Tasks that run for this host; zero once it has stopped.</summary>
    internal int RunningTasks => _tracker.Count;

    /// <summary>Connections that hold a place under the limits; zero once it has stopped.</summary>
    internal int HeldConnections => _table.Count;

    // those that others can reach come first
    private IReadOnlyList<Multiaddr> ListenedOn => [.. _listeners.SelectMany(listener => listener.Addresses).Distinct().OrderByDescending(AddressScopes.Of)];

    /// <summary>Starts a host.</summary>
    /// <returns>The host, which listens on all its addresses.</returns>
    /// <exception cref="ArgumentException">Limits contradict each other.</exception>
    /// <exception cref="Libp2pException">AddressInUse, ListenFailed or UnsupportedAddress, naming the address. Nothing is left behind.</exception>
    public static async Task<Libp2pHost> StartAsync(Libp2pOptions options, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ct.ThrowIfCancellationRequested();
        var host = new Libp2pHost(options);
        try
        {
            host.Listen();
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        return host;
    }

    /// <summary>
    /// Stops listening, says goodbye to every peer, closes, and waits for all work to end, for
    /// <see cref="Libp2pOptions.StopTimeout"/> twice at the most. Further calls wait for the same stop.
    /// </summary>
    /// <param name="ct">Ends the wait, not the stop.</param>
    public async ValueTask StopAsync(CancellationToken ct = default)
    {
        Task stopped;
        lock (_gate)
        {
            stopped = _stopped ??= Task.Run(StopOnceAsync, CancellationToken.None);
        }
        await stopped.WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Stops.</summary>
    public ValueTask DisposeAsync() => StopAsync(CancellationToken.None);

    private async Task StopOnceAsync()
    {
        Libp2pConnection[] connections = _table.Close();
        await _stopping.CancelAsync().ConfigureAwait(false);
        _options.Interfaces.Changed -= _interfaceChanges.Raise;
        foreach (ListenSocket listener in _listeners)
        {
            listener.Dispose();
        }
        await Task.WhenAll(connections.Select(c => c.CloseAsync("the host stops"))).ConfigureAwait(false);
        await WaitForAsync(_tracker.WhenDrainedAsync()).ConfigureAwait(false);
        await WaitForAsync(_events.CompleteAsync()).ConfigureAwait(false);
        _upgrader.Dispose();
    }

    // a handler or subscriber that will not end must not keep the host from stopping
    private async Task WaitForAsync(Task end)
    {
        try
        {
            await end.WaitAsync(_options.StopTimeout, _options.Clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.StopIncomplete(_logger, _tracker.Count, _options.StopTimeout);
        }
    }

    private void ThrowIfStopped()
    {
        if (_stopping.IsCancellationRequested || Volatile.Read(ref _stopped) is not null)
        {
            throw HostErrors.Stopped();
        }
    }
}
