namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>What a peer of the DHT answered, as far as it made sense.</summary>
/// <param name="Closer">Peers closer to the key.</param>
/// <param name="Providers">Peers that provide the key's content.</param>
internal sealed record KademliaAnswer(IReadOnlyList<KademliaPeer> Closer, IReadOnlyList<KademliaPeer> Providers);
