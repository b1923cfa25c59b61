namespace Bitswap.Node.Routing;

/// <summary>The routers and peers that are asked for providers in the public network of IPFS by default, as other implementations ask them.</summary>
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

    /// <summary>Returns options that ask there. What they name otherwise is replaced.</summary>
    public static RoutingOptions Join(RoutingOptions routing)
    {
        ArgumentNullException.ThrowIfNull(routing);
        return routing with { Routers = Routers, DhtBootstrap = DhtBootstrap };
    }

    /// <summary>Returns who is asked by such options, for a person.</summary>
    public static string Describe(RoutingOptions routing)
    {
        ArgumentNullException.ThrowIfNull(routing);
        string[] dht = routing.DhtBootstrap.Count == 0 ? [] : [$"the DHT, which begins at {string.Join(" and ", routing.DhtBootstrap)}"];
        string[] asked = [.. routing.Routers.Select(RouterUri.NameOf), .. dht];
        return asked.Length == 0 ? "none" : string.Join("; ", asked);
    }
}
