using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Routing.Http;

namespace Bitswap.Node.Routing;

/// <summary>The sources that a node asks for providers and for the addresses of peers.</summary>
internal sealed class NodeRouting : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly RouterHttp _http;
    private readonly IReadOnlyList<IProviderSource> _others;
    private volatile IReadOnlyList<IProviderSource> _sources = [];

    /// <param name="options">Whom to ask, and the limits.</param>
    /// <param name="clock">The clock of every wait.</param>
    /// <param name="dht">Makes a client of the DHT over the node's network; null where that has none.</param>
    /// <param name="memory">What is remembered of the DHT; null for nothing.</param>
    /// <exception cref="ArgumentException">Peers of the DHT are named, and the network has none.</exception>
    public NodeRouting(RoutingOptions options, TimeProvider clock, Func<KademliaOptions, KademliaClient>? dht = null, DhtMemory? memory = null)
    {
        Options = options;
        _clock = clock;
        _http = new RouterHttp(options);
        List<IProviderSource> others = [];
        if (options.DhtBootstrap.Count > 0)
        {
            KademliaOptions kademlia = new()
            {
                BootstrapPeers = options.DhtBootstrap,
                ProtocolId = options.DhtProtocol,
                QueryTimeout = options.DhtQueryTimeout,
                MaxAddressesPerPeer = options.MaxProviderAddresses,
                MaxDialsPerPeer = options.MaxDialsPerProvider,
                Rule = options.Rule,
                RememberedPeers = memory?.Peers ?? [],
            };
            DhtProviders providers = new(
                dht is null ? throw new ArgumentException("DhtBootstrap names peers of the DHT, and this network has none.", nameof(options)) : () => dht(kademlia));
            memory?.Remember(() => providers.Contacts);
            others.Add(providers);
        }

        _others = others;
        SetRouters(options.Routers);
        Peers = new PeerLookups(() => Sources, options, clock);
    }

    /// <summary>Gets whether providers with an address of HTTP are asked there.</summary>
    public bool AsksGateways { get; init; }

    /// <summary>Gets the limits.</summary>
    public RoutingOptions Options { get; }

    /// <summary>Gets the sources that the node was told of; none by default.</summary>
    public IReadOnlyList<IProviderSource> Sources => _sources;

    /// <summary>Gets those of them that know the records of names.</summary>
    public IReadOnlyList<INameSource> NameSources => [.. _sources.OfType<INameSource>()];

    /// <summary>Gets those of them that take the records of names.</summary>
    public IReadOnlyList<INameTarget> NameTargets => [.. _sources.OfType<INameTarget>()];

    /// <summary>Gets those of them that keep word of who has a block.</summary>
    public IReadOnlyList<IProviderTarget> Targets => [.. _sources.OfType<IProviderTarget>()];

    /// <summary>Gets where those sources say that peers are.</summary>
    public PeerLookups Peers { get; }

    /// <summary>Asks other routers from now on, or none; the DHT stays. What is under way goes on with those before.</summary>
    /// <exception cref="BitswapException">InvalidRouter, and nothing is changed.</exception>
    public void SetRouters(IReadOnlyList<Uri> routers) => _sources = [.. routers.Distinct().Select(RouterOf), .. _others];

    /// <summary>
    /// Returns a provider as those who can be asked: the peer, and each of its addresses of HTTP as a gateway of its own, where such are asked. A peer that is nothing beside
    /// that is left out.
    /// </summary>
    public IReadOnlyList<FoundProvider> PartsOf(FoundProvider found)
    {
        HttpAddress[] gateways = AsksGateways && !found.IsGateway
            ? [.. found.Addresses.Select(static address => HttpAddress.TryParse(address, out HttpAddress? gateway) ? gateway : null).OfType<HttpAddress>().DistinctBy(static gateway => gateway.PeerId)]
            : [];
        if (gateways.Length == 0)
        {
            return [found];
        }

        FoundProvider peer = found with { Addresses = [.. found.Addresses.Where(static address => !HttpAddress.IsHttp(address))] };
        bool isPeer = peer.Addresses.Count > 0 || found.Protocols.Contains(FoundProvider.BitswapTransport, StringComparer.Ordinal);
        return
        [
            .. isPeer ? (FoundProvider[])[peer] : [],
            .. gateways.Select(gateway => new FoundProvider(gateway.PeerId, [gateway.Multiaddr], found.Source, [FoundProvider.GatewayTransport]) { Reach = found.Reach, IsGateway = true }),
        ];
    }

    /// <summary>Returns a router as a source.</summary>
    /// <exception cref="BitswapException">InvalidRouter.</exception>
    public IProviderSource RouterOf(Uri router) =>
        new DelegatedRouter(RouterUri.Check(router), _http, Options, _clock);

    /// <inheritdoc/>
    public void Dispose()
    {
        Peers.Dispose();
        _http.Dispose();
    }
}
