namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>What a peer of the DHT is asked; the values are those on the wire (libp2p specs, kad-dht/README.md, MessageType).</summary>
internal enum KademliaRequest
{
    /// <summary>GET_PROVIDERS: who has the content of a multihash, and who is closer to it.</summary>
    GetProviders = 3,

    /// <summary>FIND_NODE: who is closer to a key.</summary>
    FindNode = 4,
}
