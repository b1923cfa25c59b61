namespace Bitswap.Node.Routing;

/// <summary>Where providers are looked for.</summary>
public enum ProviderSourceKind
{
    /// <summary>The connected peers, who are asked whether they have it.</summary>
    Peers,

    /// <summary>Servers that are asked over HTTP (IPIP-337, the delegated routing of IPFS).</summary>
    Delegated,

    /// <summary>The distributed hash table of IPFS (Kademlia), whose peers ask each other.</summary>
    Dht,
}
