using Bitswap.Libp2p.Kademlia;

namespace Bitswap.Node.Routing;

/// <summary>What a node can ask for providers. All that it asks over HTTP goes through one handler, which is made when it is needed and lives as long as the node.</summary>
internal sealed class NodeRouting : IDisposable
{
    // nobody needs more of one server at once, and most allow less
    private const int MaxConnectionsPerRouter = 16;

    // so that a router which moves is found again
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);
    private readonly TimeProvider _clock;
    private readonly Lazy<HttpClient> _http;

    /// <param name="options">Whom to ask, and the limits.</param>
    /// <param name="clock">The clock of every wait.</param>
    /// <param name="dht">Makes a client of the DHT over the node's network; null where that has none.</param>
    /// <exception cref="ArgumentException">Peers of the DHT are named, and the network has none.</exception>
    public NodeRouting(RoutingOptions options, TimeProvider clock, Func<KademliaOptions, KademliaClient>? dht = null)
    {
        Options = options;
        _clock = clock;
        _http = new Lazy<HttpClient>(CreateClient);
        List<IProviderSource> sources = [.. options.Routers.Select(RouterOf)];
        if (options.DhtBootstrap.Count > 0)
        {
            KademliaOptions kademlia = new()
            {
                BootstrapPeers = options.DhtBootstrap,
                ProtocolId = options.DhtProtocol,
                QueryTimeout = options.DhtQueryTimeout,
                MaxAddressesPerPeer = options.MaxProviderAddresses,
            };
            sources.Add(new DhtProviders(
                dht is null ? throw new ArgumentException("DhtBootstrap names peers of the DHT, and this network has none.", nameof(options)) : () => dht(kademlia)));
        }

        Sources = sources;
    }

    /// <summary>The limits.</summary>
    public RoutingOptions Options { get; }

    /// <summary>The sources that the node was told of; none by default.</summary>
    public IReadOnlyList<IProviderSource> Sources { get; }

    /// <summary>A router as a source.</summary>
    /// <exception cref="BitswapException">InvalidRouter.</exception>
    public IProviderSource RouterOf(Uri router) =>
        new DelegatedRouter(RouterUri.Check(router), () => _http.Value, Options, _clock);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_http.IsValueCreated)
        {
            _http.Value.Dispose();
        }
    }

    private HttpClient CreateClient()
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = Options.MaxRouterRedirects > 0,
            MaxAutomaticRedirections = Math.Max(1, Options.MaxRouterRedirects),
            MaxConnectionsPerServer = MaxConnectionsPerRouter,
            PooledConnectionLifetime = _connectionLifetime,
            UseCookies = false,

            // a router is told of the block that is looked for, and of nothing else
            ActivityHeadersPropagator = null,
        };
        HttpClient client = new(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"bitswap-powershell/{typeof(NodeRouting).Assembly.GetName().Version?.ToString(3)}");
        return client;
    }
}
