using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Libp2p.Reachability;

namespace Bitswap.Node.Abstractions;

/// <summary>
/// A network of peers that come and go, and streams to them: libp2p, the real one; one in memory, for tests; and either of them joined with gateways that are asked
/// over HTTP.
/// </summary>
/// <remarks>
/// Implementations are thread-safe. After <see cref="IAsyncDisposable.DisposeAsync"/> every call throws a
/// <see cref="BitswapException"/> with the id <c>NodeStopped</c>.
/// </remarks>
public interface IPeerNetwork : IAsyncDisposable
{
    /// <summary>Gets the node's own id.</summary>
    PeerId PeerId { get; }

    /// <summary>Gets the addresses peers can dial, each with its <c>/p2p/</c> part. Empty until started.</summary>
    IReadOnlyList<Multiaddr> Addresses { get; }

    /// <summary>Gets the same, and those that peers report besides, with what is known of whether others reach the node there.</summary>
    IReadOnlyList<OwnAddress> OwnAddresses => [.. Addresses.Select(static address => new OwnAddress(address, AddressOrigin.Listening))];

    /// <summary>Gets the peers connected now.</summary>
    IReadOnlyList<PeerConnectionInfo> Connections { get; }

    /// <summary>Gets what makes a client of a DHT over this network, once it is started; null where it has none.</summary>
    Func<KademliaOptions, KademliaClient>? Dht => null;

    /// <summary>Gets what finds peers on the local network over this network, once it is started; null where it is on none.</summary>
    Func<MdnsOptions, IPeerDiscovery>? Lan => null;

    /// <summary>
    /// Says how to learn what a peer is worth, for a network that closes connections for want of room: those of the lowest worth go first. Called
    /// before <see cref="StartAsync"/>; a network that closes none leaves it.
    /// </summary>
    void UseScores(Func<PeerId, double> score)
    {
    }

    /// <summary>
    /// Hears that a graph is about to be walked, so that a peer which can send all of it at one request is asked for that. Only the wants say what is taken: what comes
    /// without being wanted is kept back, or dropped.
    /// </summary>
    /// <param name="range">What will be read.</param>
    /// <returns>What is to be told how the walk goes; null where no peer of the network can do that.</returns>
    IGraphWalk? Expect(GraphRange range) => null;

    /// <summary>Starts listening, and from then on reports to <paramref name="handler"/>.</summary>
    /// <param name="handler">Where connections and inbound streams are reported.</param>
    /// <param name="messages">The protocol ids whose inbound streams are wanted, and how messages are read and written.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="BitswapException">An address cannot be listened on.</exception>
    ValueTask StartAsync(IPeerNetworkHandler handler, MessageOptions messages, CancellationToken cancellationToken);

    /// <summary>Connects to one peer, by any of its addresses. The connection stays until a side closes it.</summary>
    /// <returns>The id the peer proved.</returns>
    /// <exception cref="BitswapException"><c>PeerUnreachable</c>, with each address's own failure, or <c>PeerIdMismatch</c>.</exception>
    ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken) => ConnectAsync(addresses, null, cancellationToken);

    /// <summary>Connects to one peer at addresses that a stranger gave, or, without terms, as the other overload.</summary>
    /// <param name="addresses">The peer's addresses.</param>
    /// <param name="terms">On what terms they are dialled; null where the caller answers for them.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="BitswapException">As the other overload throws them.</exception>
    ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken);

    /// <summary>
    /// Connects to one peer for as long as the lease is held. A connection that was made for leases alone is closed when the last ends, unless
    /// <see cref="ConnectAsync(IReadOnlyList{Multiaddr}, CancellationToken)"/> or <see cref="KeepAsync"/> was called for its peer before that; one that was there before stays.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="addresses">Where it can be dialled; may be empty where it is connected.</param>
    /// <param name="terms">On what terms the addresses are dialled; null where the caller answers for them.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="BitswapException">As <see cref="ConnectAsync(IReadOnlyList{Multiaddr}, CancellationToken)"/> throws them.</exception>
    ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken);

    /// <summary>Lets the connections to a peer outlast the leases on them.</summary>
    /// <returns>Whether it is connected.</returns>
    ValueTask<bool> KeepAsync(PeerId peer);

    /// <summary>Closes every connection to a peer, also one that is in use; nothing happens where there is none.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="reason">Why, for <see cref="IPeerNetworkHandler.PeerDisconnected"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask DisconnectAsync(PeerId peer, string reason, CancellationToken cancellationToken);

    /// <summary>Opens a stream over an existing connection, on the first of the protocols that the peer accepts.</summary>
    /// <exception cref="BitswapException"><c>ProtocolNotSupported</c> when the peer refused them all, <c>PeerUnreachable</c> when it is not connected.</exception>
    ValueTask<IPeerStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken);

    /// <summary>Measures one round trip to a connected peer.</summary>
    ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken);
}

/// <summary>A part of a graph that a caller reads.</summary>
/// <param name="Root">The block that it begins with.</param>
/// <param name="Scope">What is read below it.</param>
public sealed record GraphRange(Cid Root, GraphScope Scope)
{
    /// <summary>Gets the first byte that is read of a file, 0 or more; of use with <see cref="GraphScope.Entity"/>.</summary>
    public long From { get; init; }

    /// <summary>Gets how many bytes are read of a file, 1 or more; null for all from there on.</summary>
    public long? Count { get; init; }

    /// <summary>Gets whether the caller may leave out much of it, so that little is read ahead of what is taken.</summary>
    public bool IsPartial { get; init; }
}

/// <summary>Specifies how much of a graph is read (trustless gateway specification, <c>dag-scope</c>).</summary>
public enum GraphScope
{
    /// <summary>All below the root.</summary>
    All = 0,

    /// <summary>The file, or the entries of the directory and nothing below them; the one block of what is neither.</summary>
    Entity = 1,
}

/// <summary>Hears how a caller walks a graph, from any thread. Disposed when the walk is over.</summary>
public interface IGraphWalk : IDisposable
{
    /// <summary>A block is about to be wanted.</summary>
    void Asking(Cid cid);

    /// <summary>The block is on the wantlist.</summary>
    void Asked(Cid cid);

    /// <summary>The block is wanted no more.</summary>
    /// <param name="cid">Which.</param>
    /// <param name="came">Whether it is there, wherever it came from.</param>
    void Over(Cid cid, bool came);
}

/// <summary>Hears of a network's peers. Calls return at once; those about one peer come one after the other.</summary>
public interface IPeerNetworkHandler
{
    /// <summary>The first connection to a peer is up.</summary>
    void PeerConnected(PeerId peer);

    /// <summary>A connected peer says something else of itself: it may speak Bitswap now.</summary>
    void PeerChanged(PeerId peer);

    /// <summary>The last connection to a peer is gone; how it ended.</summary>
    void PeerDisconnected(PeerId peer, ConnectionEnd end);

    /// <summary>Serves a stream that a peer opened; the stream is over when the task ends.</summary>
    Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken);
}

/// <summary>How the last connection to a peer ended.</summary>
/// <param name="ByUs">Whether this side closed it.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record ConnectionEnd(bool ByUs, string Reason)
{
    /// <summary>Gets whether the peer may be dialled again when it is missed.</summary>
    public bool MayReturn { get; init; } = true;
}

/// <summary>The connection to a peer, as its network knows it.</summary>
/// <param name="Peer">The id the peer proved.</param>
/// <param name="Address">The address it is connected by.</param>
/// <param name="IsInbound">Whether the peer dialled us.</param>
/// <param name="Opened">When the connection came up.</param>
/// <param name="Agent">What the peer calls itself, once it has said so.</param>
/// <param name="Protocols">The protocol ids it says it speaks; empty until it has said so.</param>
/// <param name="Latency">The measured round trip, once there is one.</param>
/// <param name="Security">What secures it: Noise or Tls; null for a gateway, and in memory.</param>
public sealed record PeerConnectionInfo(
    PeerId Peer,
    Multiaddr Address,
    bool IsInbound,
    DateTimeOffset Opened,
    string? Agent,
    IReadOnlyList<string> Protocols,
    TimeSpan? Latency,
    string? Security = null)
{
    /// <summary>Gets the relay that carries it; null for a direct connection.</summary>
    public PeerId? Relay { get; init; }

    /// <summary>Gets after what time and how many bytes the relay ends it, in words; null where it is direct, or the relay said of none.</summary>
    public string? RelayLimit { get; init; }
}

/// <summary>An address of a node, and what is known of whether others reach the node there.</summary>
/// <param name="Address">The address, with the node's peer id.</param>
/// <param name="Reach">From where it can be dialled at best: Machine, Network or Internet.</param>
/// <param name="State">Confirmed: others reached the node there. Refuted: others tried and did not. Unknown: not tried, or not often enough.</param>
/// <param name="Source">Listening: the node listens there. Observed: peers say that they connected to it. Derived: the IP address that peers see, with the port of the node.</param>
/// <param name="Observers">How many networks have a peer that reports it.</param>
/// <param name="Reached">How many networks have a peer that was asked to dial it and reached the node.</param>
/// <param name="Failed">How many networks have a peer that was asked to dial it and failed.</param>
/// <param name="Checked">When a peer last dialled it for that; null where none did lately.</param>
public sealed record NodeAddress(Multiaddr Address, string Reach, string State, string Source, int Observers, int Reached, int Failed, DateTimeOffset? Checked);

/// <summary>A peer that told of itself on the local network. What it told is not proven: its id is when it is connected.</summary>
/// <param name="Peer">Who it says it is.</param>
/// <param name="Addresses">Where it says it is.</param>
/// <param name="Interfaces">The interfaces of this machine on which it was heard.</param>
/// <param name="FirstSeen">When it was heard first.</param>
/// <param name="LastSeen">When it was heard last.</param>
/// <param name="IsConnected">Whether it is connected.</param>
public sealed record FoundPeer(PeerId Peer, IReadOnlyList<Multiaddr> Addresses, IReadOnlyList<string> Interfaces, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, bool IsConnected);
