using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Represents a peer that the DHT told of.</summary>
/// <param name="Id">Who.</param>
/// <param name="Addresses">
/// Where others say it is, each with its peer id at the end; may be empty, and may hold addresses of transports that this host does not
/// have. Nothing proves them but a dial.
/// </param>
public sealed record KademliaPeer(PeerId Id, IReadOnlyList<Multiaddr> Addresses)
{
    /// <summary>Gets how far the address of the peer reaches that gave this one; of several, that of the farthest. Nowhere for a peer to begin at.</summary>
    public AddressScope Source { get; init; }
}

/// <summary>Specifies what a peer of the DHT is asked; the values are those on the wire (libp2p specs, kad-dht/README.md, MessageType).</summary>
internal enum KademliaRequest
{
    /// <summary>GET_PROVIDERS: who has the content of a multihash, and who is closer to it.</summary>
    GetProviders = 3,

    /// <summary>FIND_NODE: who is closer to a key.</summary>
    FindNode = 4,
}

/// <summary>Represents what a peer of the DHT answered, as far as it made sense.</summary>
/// <param name="Closer">Peers closer to the key.</param>
/// <param name="Providers">Peers that provide the key's content.</param>
internal sealed record KademliaAnswer(IReadOnlyList<KademliaPeer> Closer, IReadOnlyList<KademliaPeer> Providers);

/// <summary>Represents how asking one peer ended.</summary>
/// <param name="Peer">Who was asked; its addresses, if it answered, begin with the one at which it was found.</param>
/// <param name="Answer">What it answered, or null.</param>
/// <param name="Error">Why it did not, or null.</param>
internal sealed record KademliaReply(KademliaPeer Peer, KademliaAnswer? Answer, Exception? Error);
