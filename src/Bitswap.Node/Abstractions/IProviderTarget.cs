using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Node.Abstractions;

/// <summary>
/// A place that keeps word of which peers have a block, with the peers closest to the block's key. The DHT is one; delegated routers are none, since their API has no call for it
/// (Delegated Routing V1 HTTP API; what IPIP-378 proposed was not taken up). Thread-safe.
/// </summary>
internal interface IProviderTarget
{
    /// <summary>Gets the kind of place.</summary>
    ProviderSourceKind Kind { get; }

    /// <summary>Gets how many peers keep word of one block.</summary>
    int BucketSize { get; }

    /// <summary>Finds the peers closest to a key.</summary>
    /// <param name="key">The key: a multihash in binary.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BitswapException">The place cannot be asked who is to be told.</exception>
    ValueTask<KademliaClosest> LookupAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <summary>Tells a peer that this node has blocks.</summary>
    /// <param name="peer">The peer, as a lookup found it.</param>
    /// <param name="keys">The multihashes of the blocks in binary, at least one, none longer than the place takes.</param>
    /// <param name="cancellationToken">Ends it; what the peer was told by then it may keep.</param>
    Task<ToldPeer> TellAsync(KademliaPeer peer, IReadOnlyList<byte[]> keys, CancellationToken cancellationToken);
}

/// <summary>A peer that was told that this node has blocks.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Refusal">Why it was not told, or did not take it; null where it read it to the end. No peer says whether it keeps it.</param>
/// <param name="IsOutOfReach">Whether that is because no address of this node reaches as far as the peer.</param>
internal sealed record ToldPeer(PeerId Peer, string? Refusal, bool IsOutOfReach);
