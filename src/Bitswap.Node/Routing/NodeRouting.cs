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

    public NodeRouting(RoutingOptions options, TimeProvider clock)
    {
        Options = options;
        _clock = clock;
        _http = new Lazy<HttpClient>(CreateClient);
        Sources = [.. options.Routers.Select(RouterOf)];
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
