namespace Bitswap.Node.Abstractions;

/// <summary>
/// A place that keeps word of which peers have a block. The DHT is one; delegated routers are none, since their API has no call for it (Delegated Routing V1 HTTP API; what
/// IPIP-378 proposed was not taken up). Thread-safe: several blocks may be announced at once.
/// </summary>
internal interface IProviderTarget
{
    /// <summary>Gets the kind of place.</summary>
    ProviderSourceKind Kind { get; }

    /// <summary>Announces that this node has a block, and gives each peer that was to be told, as it ends.</summary>
    /// <param name="cid">The block. One whose multihash is too long for the place is told to no peer.</param>
    /// <param name="cancellationToken">Ends it; who was told by then knows it.</param>
    /// <exception cref="BitswapException">The place cannot be asked who is to be told.</exception>
    IAsyncEnumerable<ToldPeer> ProvideAsync(Cid cid, CancellationToken cancellationToken);
}

/// <summary>A peer that was told that this node has a block.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Refusal">Why it was not told, or did not take it; null where it read it to the end. No peer says whether it keeps it.</param>
/// <param name="IsOutOfReach">Whether that is because no address of this node reaches as far as the peer.</param>
internal sealed record ToldPeer(PeerId Peer, string? Refusal, bool IsOutOfReach);
