using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Node;

/// <summary>
/// What a node needs of a network: peers that come and go, and streams to them. Two live here:
/// <see cref="Networks.Libp2pNetwork"/>, the real one, and <see cref="Networks.MemoryNetwork"/> for tests.
/// </summary>
/// <remarks>
/// Implementations are thread-safe. After <see cref="IAsyncDisposable.DisposeAsync"/> every call throws a
/// <see cref="BitswapException"/> with the id <c>NodeStopped</c>.
/// </remarks>
public interface IPeerNetwork : IAsyncDisposable
{
    /// <summary>The node's own id.</summary>
    PeerId PeerId { get; }

    /// <summary>The addresses peers can dial, each with its <c>/p2p/</c> part. Empty until started.</summary>
    IReadOnlyList<Multiaddr> Addresses { get; }

    /// <summary>The peers connected now.</summary>
    IReadOnlyList<PeerConnectionInfo> Connections { get; }

    /// <summary>
    /// Says how to learn what a peer is worth, for a network that closes connections for want of room: those of the lowest worth go first. Called
    /// before <see cref="StartAsync"/>; a network that closes none leaves it.
    /// </summary>
    void UseScores(Func<PeerId, double> score)
    {
    }

    /// <summary>Starts listening, and from then on reports to <paramref name="handler"/>.</summary>
    /// <param name="handler">Where connections and inbound streams are reported.</param>
    /// <param name="protocols">The protocol ids whose inbound streams are wanted.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="BitswapException">An address cannot be listened on.</exception>
    ValueTask StartAsync(IPeerNetworkHandler handler, IReadOnlyList<string> protocols, CancellationToken cancellationToken);

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
    /// <see cref="ConnectAsync(IReadOnlyList{Multiaddr}, CancellationToken)"/> or <see cref="KeepAsync"/> was called for its peer meanwhile; one that was there before stays.
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

    /// <summary>Closes every connection to a peer, whoever uses them; nothing happens where there is none.</summary>
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
