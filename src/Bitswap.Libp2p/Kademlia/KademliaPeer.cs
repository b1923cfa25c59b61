namespace Bitswap.Libp2p.Kademlia;

/// <summary>A peer that the DHT told of.</summary>
/// <param name="Id">Who.</param>
/// <param name="Addresses">
/// Where others say it is, each with its peer id at the end; may be empty, and may hold addresses of transports that this host does not
/// have. Nothing proves them but a dial.
/// </param>
public sealed record KademliaPeer(PeerId Id, IReadOnlyList<Multiaddr> Addresses);
