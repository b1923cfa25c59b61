using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

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

/// <summary>Represents a peer of the DHT that answered, as it may be kept until another run.</summary>
/// <param name="Peer">
/// Who, and where: first the address at which it was found, where this host dialled it, then those of the internet that others told. Those of a machine or a local network that
/// nothing proves are not among them: elsewhere they are of other hosts. <see cref="KademliaPeer.Source"/> is never Nowhere, so that its addresses are dialled as those of a stranger.
/// </param>
/// <param name="Answered">When it last answered.</param>
public sealed record KademliaContact(KademliaPeer Peer, DateTimeOffset Answered);

/// <summary>Specifies what a peer of the DHT is asked; the values are those on the wire (libp2p specs, kad-dht/README.md, MessageType).</summary>
internal enum KademliaRequest
{
    /// <summary>PUT_VALUE: keep a value under a key.</summary>
    PutValue = 0,

    /// <summary>GET_VALUE: the value that is kept under a key, and who is closer to it.</summary>
    GetValue = 1,

    /// <summary>ADD_PROVIDER: keep that this host has the content of a multihash. It is not answered.</summary>
    AddProvider = 2,

    /// <summary>GET_PROVIDERS: who has the content of a multihash, and who is closer to it.</summary>
    GetProviders = 3,

    /// <summary>FIND_NODE: who is closer to a key.</summary>
    FindNode = 4,
}

/// <summary>Represents what a peer of the DHT answered, as far as it made sense.</summary>
/// <param name="Closer">Peers closer to the key.</param>
/// <param name="Providers">Peers that provide the key's content.</param>
internal sealed record KademliaAnswer(IReadOnlyList<KademliaPeer> Closer, IReadOnlyList<KademliaPeer> Providers)
{
    /// <summary>Gets the value that it keeps under the key of <see cref="ValueKey"/>; empty where it gives none.</summary>
    public ReadOnlyMemory<byte> Value { get; init; }

    /// <summary>Gets the key under which it says that the value is kept.</summary>
    public ReadOnlyMemory<byte> ValueKey { get; init; }
}

/// <summary>Represents a value that a peer of the DHT keeps. Nothing proves that it is the newest, or that it is what the key asks for.</summary>
/// <param name="Peer">Who gave it.</param>
/// <param name="Value">The value, at least one byte.</param>
public sealed record KademliaValue(PeerId Peer, ReadOnlyMemory<byte> Value);

/// <summary>Represents how putting a value to one peer of the DHT ended.</summary>
/// <param name="Peer">Who it was given to.</param>
/// <param name="Error">Why it does not keep the value; null where it answered that it does.</param>
public sealed record KademliaPutResult(PeerId Peer, Libp2pException? Error);

/// <summary>Represents how telling one peer of the DHT what this host provides ended.</summary>
/// <param name="Peer">Who it was told.</param>
/// <param name="Error">Why it was not told, or did not take it; null where it read it to the end and closed the stream in peace. No peer says whether it keeps it.</param>
public sealed record KademliaProvideResult(PeerId Peer, Libp2pException? Error)
{
    /// <summary>Gets whether it was not told because this host listens on no address that reaches as far as its own: it could not pass on one of use.</summary>
    public bool IsOutOfReach { get; init; }
}

/// <summary>Represents how asking one peer ended.</summary>
/// <param name="Peer">Who was asked; its addresses, if it answered, begin with the one at which it was found.</param>
/// <param name="Answer">What it answered, or null.</param>
/// <param name="Error">Why it did not, or null.</param>
internal sealed record KademliaReply(KademliaPeer Peer, KademliaAnswer? Answer, Exception? Error)
{
    /// <summary>Gets the address at which this host dialled it; null where it dialled this one, or did not answer.</summary>
    public Multiaddr? Proven { get; init; }
}
