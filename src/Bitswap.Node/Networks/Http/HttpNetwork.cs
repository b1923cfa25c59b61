using System.Collections.Concurrent;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Networks.Http;

/// <summary>
/// Trustless gateways as peers: one is connected once it has answered a request for the empty block, is asked for what is wanted by requests, and is let go when it fails
/// too often, has nothing, or was not needed for a while. It never opens a stream, and is never told what this node has.
/// </summary>
/// <remarks>
/// A gateway proves no peer id, so it has one that is made of its address (<see cref="HttpAddress.PeerId"/>): what it does counts against that address and against no peer
/// whose id a stranger put behind it.
/// </remarks>
internal sealed class HttpNetwork : IAsyncDisposable
{
    private static readonly TimeSpan _idleTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _sweepInterval = TimeSpan.FromSeconds(15);

    // Held while a gateway comes or goes and that is told, so that both are heard in their order.
    private readonly Lock _events = new();

    // Read without the lock by those who hold locks of the layers above.
    private readonly ConcurrentDictionary<PeerId, GatewayConnection> _connections = [];
    private readonly ConnectionLeases _leases;
    private readonly RunningTasks _streams = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpRetrievalOptions _options;
    private readonly GatewayHttp _http;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly GatewayProbe _probe;
    private readonly GraphWalks _walks = new();
    private GatewayShare? _share;
    private IPeerNetworkHandler? _handler;
    private Func<PeerId, double>? _score;
    private ITimer? _sweep;

    /// <param name="options">The limits.</param>
    /// <param name="rule">Which addresses others may name or lead to.</param>
    /// <param name="clock">The clock of every wait.</param>
    /// <param name="log">Where it is told.</param>
    /// <param name="hooks">What tests replace; null for the system's way.</param>
    public HttpNetwork(HttpRetrievalOptions options, DialRule rule, TimeProvider clock, ILogger log, GatewayHooks? hooks = null)
    {
        _options = options;
        _clock = clock;
        _log = log;
        _http = new GatewayHttp(options, rule, hooks);
        _probe = new GatewayProbe(_http, options, clock);
        _leases = new ConnectionLeases(peer => End(peer, new ConnectionEnd(ByUs: true, "It is not used any more.")), _events);
    }

    /// <summary>Gets the gateways that are connected.</summary>
    public IReadOnlyList<PeerConnectionInfo> Connections => [.. _connections.Values.Select(static connection => connection.Info)];

    /// <summary>Says how to learn what a gateway is worth.</summary>
    public void UseScores(Func<PeerId, double> score) => _score = score;

    /// <summary>Reports to <paramref name="handler"/> from now on.</summary>
    public void Start(IPeerNetworkHandler handler, MessageOptions messages)
    {
        _handler = handler;
        _share = new GatewayShare(_http, _options, messages, new HostGates(_options.RequestsPerGateway), _walks, _log);
        _sweep = _clock.CreateTimer(_ => Sweep(), null, _sweepInterval, _sweepInterval);
    }

    /// <summary>Hears that a graph is about to be walked, of which a gateway may be asked for a CAR; null where none is.</summary>
    public IGraphWalk? Expect(GraphRange range) => _options.MaxCarBytes > 0 ? _walks.Begin(range) : null;

    /// <summary>Returns whether a gateway is connected.</summary>
    public bool IsConnected(PeerId peer) => Find(peer) is not null;

    /// <summary>Connects to a gateway by the first of its addresses that answers as one.</summary>
    /// <returns>The id that is made of the address.</returns>
    /// <exception cref="BitswapException">PeerUnreachable, PeerIdMismatch, LimitExceeded; NodeStopped.</exception>
    public async ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        List<GatewayException> failures = [];
        foreach (Multiaddr address in addresses.Take(terms?.MaxAttempts ?? int.MaxValue))
        {
            try
            {
                HttpAddress gateway = Read(address);
                using ConnectionLease lease = _leases.Take(gateway.PeerId);
                await ReachAsync(gateway, terms, cancellationToken).ConfigureAwait(false);
                _leases.Keep(gateway.PeerId);
                return gateway.PeerId;
            }
            catch (GatewayException failure)
            {
                failures.Add(failure);
            }
        }

        throw GatewayException.Unreachable(failures);
    }

    /// <summary>Connects to a gateway for as long as the lease is held.</summary>
    /// <exception cref="BitswapException">As <see cref="ConnectAsync"/> throws them.</exception>
    public async ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        ConnectionLease lease = _leases.Take(peer);
        try
        {
            if (!IsConnected(peer))
            {
                await ReachAsync(addresses.Select(Read).First(gateway => gateway.PeerId.Equals(peer)), terms, cancellationToken).ConfigureAwait(false);
            }

            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Lets a gateway outlast the leases on it.</summary>
    /// <returns>Whether it is connected.</returns>
    public bool Keep(PeerId peer)
    {
        if (!IsConnected(peer))
        {
            return false;
        }

        lock (_events)
        {
            _leases.Keep(peer);
            return _connections.ContainsKey(peer);
        }
    }

    /// <summary>Lets a gateway go.</summary>
    public void Disconnect(PeerId peer, string reason) => End(peer, new ConnectionEnd(ByUs: true, reason));

    /// <summary>Returns what its wants are written to.</summary>
    /// <exception cref="BitswapException">PeerUnreachable: it is not connected.</exception>
    public IPeerStream OpenStream(PeerId peer, IReadOnlyList<string> protocols) =>
        new GatewayWants(Find(peer) ?? throw NodeErrors.PeerNotConnected(peer), ProtocolOf(protocols));

    /// <summary>Measures how long a gateway takes to answer that it has the empty block.</summary>
    /// <exception cref="BitswapException">It is not connected, or does not answer.</exception>
    public async ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken)
    {
        GatewayConnection connection = Find(peer) ?? throw NodeErrors.PeerNotConnected(peer);
        GatewayGreeting greeting = await _probe.GreetAsync(connection.Address, connection.Source, cancellationToken).ConfigureAwait(false);
        connection.Measured(greeting.Latency);
        return greeting.Latency;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_sweep is not null)
        {
            await _sweep.DisposeAsync().ConfigureAwait(false);
        }

        PeerId[] all;
        lock (_events)
        {
            all = [.. _connections.Keys];
        }

        foreach (PeerId peer in all)
        {
            End(peer, new ConnectionEnd(ByUs: true, "The node stops."));
        }

        await _streams.WhenAllAsync().ConfigureAwait(false);
        _http.Dispose();
    }

    /// <summary>Returns the version that is spoken to the engine: one that knows HAVE, where the node speaks it.</summary>
    private static string ProtocolOf(IReadOnlyList<string> protocols)
    {
        string knowsPresence = BitswapProtocolIds.ToId(BitswapVersion.V120);
        return protocols.Contains(knowsPresence) ? knowsPresence : protocols[0];
    }

    private static HttpAddress Read(Multiaddr address) =>
        !HttpAddress.TryParse(address, out HttpAddress? gateway) ? throw new ArgumentException($"{address} is no address of HTTP.", nameof(address))
        : address.PeerId is { } named && !named.Equals(gateway.PeerId) ? throw GatewayException.NamesPeer(address, gateway)
        : gateway;

    // The caller has a lease.
    private async ValueTask ReachAsync(HttpAddress gateway, DialTerms? terms, CancellationToken cancellationToken)
    {
        if (terms is not null && !gateway.IsAdmittedBy(terms))
        {
            throw GatewayException.LedTo(gateway, gateway.Host, null);
        }

        if (Find(gateway.PeerId) is { } known && (known.IsNamed || terms is not null))
        {
            return;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        GatewayGreeting greeting;
        try
        {
            greeting = await _probe.GreetAsync(gateway, terms?.Source, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NodeErrors.Stopped();
        }

        lock (_events)
        {
            if (_stopping.IsCancellationRequested || _handler is null)
            {
                throw NodeErrors.Stopped();
            }

            if (_connections.TryGetValue(gateway.PeerId, out GatewayConnection? other))
            {
                if (other.IsNamed || terms is not null)
                {
                    return;
                }

                // A person names now what a stranger named before: other rules hold for it.
                End(gateway.PeerId, new ConnectionEnd(ByUs: true, "It is asked as a gateway that was named here."));
            }

            MakeRoom(gateway);
            GatewayConnection connection = new(gateway, terms?.Source, _share!, greeting, LetGo);
            _connections[gateway.PeerId] = connection;
            _leases.Opened(gateway.PeerId, static () => true);
            _handler.PeerConnected(gateway.PeerId);
            _streams.Track(Task.Run(() => ServeAsync(connection), CancellationToken.None));
        }
    }

    private async Task ServeAsync(GatewayConnection connection)
    {
        GatewayAnswers answers = new(connection, ProtocolOf(_share!.Messages.Protocols));
        try
        {
            await _handler!.HandleStreamAsync(answers, connection.Gone).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (connection.Gone.IsCancellationRequested)
        {
            // It is gone, which is how every connection ends.
        }
        finally
        {
            LetGo(connection, new ConnectionEnd(ByUs: true, "Its answers are read no more."));
        }
    }

    private void LetGo(GatewayConnection connection, ConnectionEnd end)
    {
        lock (_events)
        {
            if (_connections.GetValueOrDefault(connection.Address.PeerId) == connection)
            {
                End(connection.Address.PeerId, end);
            }
        }
    }

    private void End(PeerId peer, ConnectionEnd end)
    {
        lock (_events)
        {
            if (_connections.TryRemove(peer, out GatewayConnection? connection))
            {
                connection.Close();
                _handler!.PeerDisconnected(peer, end);
            }
        }
    }

    private GatewayConnection? Find(PeerId peer) => _connections.GetValueOrDefault(peer);

    // The one of least worth that no person named and no lease holds gives way.
    private void MakeRoom(HttpAddress gateway)
    {
        if (_connections.Count < _options.MaxGateways)
        {
            return;
        }

        GatewayConnection least = _connections.Values
            .Where(connection => !connection.IsNamed && connection.Idle > TimeSpan.Zero && !IsHeld(connection))
            .OrderBy(connection => _score?.Invoke(connection.Address.PeerId) ?? 0)
            .ThenByDescending(static connection => connection.Idle)
            .FirstOrDefault() ?? throw GatewayException.TooMany(gateway, _options.MaxGateways);

        // Dialled again, it would take the place back.
        End(least.Address.PeerId, new ConnectionEnd(ByUs: true, "Its place was needed for another gateway.") { MayReturn = false });
    }

    // One that was found is told of wants only while it is of use.
    private void Sweep()
    {
        lock (_events)
        {
            foreach (GatewayConnection idle in _connections.Values.Where(connection => !connection.IsNamed && connection.Idle >= _idleTime && !IsHeld(connection)).ToArray())
            {
                End(idle.Address.PeerId, new ConnectionEnd(ByUs: true, "Nothing was asked of it for a while."));
            }
        }
    }

    private bool IsHeld(GatewayConnection connection) => _leases.IsLeased(connection.Address.PeerId);
}
