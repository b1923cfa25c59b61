namespace Bitswap.Node.Abstractions;

/// <summary>Whether a peer may have a block. It is asked for each want of a peer, on a pool thread, one want of a peer after the other.</summary>
/// <param name="peer">Who wants it.</param>
/// <param name="cid">What. Blocks are the same when their multihash is: compare <see cref="Cid.Hash"/>, since a peer may ask by another version or codec.</param>
/// <param name="cancellationToken">Cancelled when the time is over, or the peer is gone.</param>
/// <returns>False to answer that the block is not here. What throws or takes longer than <see cref="NodeOptions.FilterTimeout"/> denies, too.</returns>
public delegate ValueTask<bool> BlockFilter(PeerId peer, Cid cid, CancellationToken cancellationToken);
