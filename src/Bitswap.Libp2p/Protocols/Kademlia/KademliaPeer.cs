using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>A peer that the DHT told of.</summary>
/// <param name="Id">Who.</param>
/// <param name="Addresses">
/// Where others say it is, each with its peer id at the end; may be empty, and may hold addresses of transports that this host does not
/// have. Nothing proves them but a dial.
/// </param>
public sealed record KademliaPeer(PeerId Id, IReadOnlyList<Multiaddr> Addresses)
{
    /// <summary>How far the address of the peer reaches that gave this one; of several, that of the farthest. Nowhere for a peer to begin at.</summary>
    public AddressReach Source { get; init; }
}
