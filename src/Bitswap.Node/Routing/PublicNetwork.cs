namespace Bitswap.Node.Routing;

/// <summary>What a node of the public network of IPFS asks by default, as other implementations do: routers, the DHT, and providers with an address of HTTP.</summary>
public static class PublicNetwork
{
    /// <summary>Gets the routers: the public one that Kubo and Helia ask by default (the Delegated Routing V1 HTTP API, IPIP-337).</summary>
    public static IReadOnlyList<Uri> Routers { get; } = [new("https://delegated-ipfs.dev")];

    /// <summary>Gets the peers of the DHT to begin at: the bootstrap list of Kubo (config/bootstrap_peers.go), but for the address of QUIC.</summary>
    public static IReadOnlyList<Multiaddr> DhtBootstrap { get; } =
    [
        Multiaddr.Parse("/dnsaddr/bootstrap.libp2p.io/p2p/QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN"),
        Multiaddr.Parse("/dnsaddr/bootstrap.libp2p.io/p2p/QmQCU2EcMqAqQPR2i9bChDtGNJchTbq5TbXJJ16u19uLTa"),
        Multiaddr.Parse("/dnsaddr/bootstrap.libp2p.io/p2p/QmbLHAnMoJPWSCR5Zhtx6BHJX9KiKNN6tpvbUcqanj75Nb"),
        Multiaddr.Parse("/dnsaddr/bootstrap.libp2p.io/p2p/QmcZf59bWwK5XFi76CZX8cbJ4BhTzzA3gU1ZjYZcYW3dwt"),
        Multiaddr.Parse("/dnsaddr/va1.bootstrap.libp2p.io/p2p/12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8"),
        Multiaddr.Parse("/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ"),
    ];

    /// <summary>Returns options that ask there, and DNS for the domains in names. What they name otherwise is replaced.</summary>
    public static RoutingOptions Join(RoutingOptions routing)
    {
        ArgumentNullException.ThrowIfNull(routing);
        return routing with { Routers = Routers, DhtBootstrap = DhtBootstrap, ResolveNames = true };
    }

    /// <summary>Returns options that fetch over HTTP from the providers that are named there.</summary>
    public static HttpRetrievalOptions Join(HttpRetrievalOptions http)
    {
        ArgumentNullException.ThrowIfNull(http);
        return http with { HttpRetrieval = true };
    }

    /// <summary>Returns who is asked by such options, for a person.</summary>
    public static string Describe(RoutingOptions routing, HttpRetrievalOptions http)
    {
        ArgumentNullException.ThrowIfNull(routing);
        ArgumentNullException.ThrowIfNull(http);
        string[] dht = routing.DhtBootstrap.Count == 0 ? [] : [$"the DHT, which begins at {string.Join(" and ", routing.DhtBootstrap)}"];
        string[] named = http.HttpRetrieval && routing.Routers.Count + routing.DhtBootstrap.Count > 0 ? ["over HTTP, the gateways that these name as providers"] : [];
        string[] dns = routing.ResolveNames ? ["DNS, for the domains in names"] : [];
        string[] asked = [.. routing.Routers.Select(RouterUri.NameOf), .. dht, .. http.Gateways.Select(static gateway => gateway.AbsoluteUri), .. named, .. dns];
        return asked.Length == 0 ? "none" : string.Join("; ", asked);
    }
}
