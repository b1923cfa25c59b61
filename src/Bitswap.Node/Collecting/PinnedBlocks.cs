using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Dag.Walk;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Collecting;

/// <summary>Finds out which blocks the pins of a node keep.</summary>
/// <param name="pins">The pins.</param>
/// <param name="reader">Reads what is stored, and asks no peer.</param>
/// <param name="size">Says the size of a block of the store; null where it is missing.</param>
internal sealed class PinnedBlocks(PinSet pins, BlockReader reader, Func<Cid, CancellationToken, ValueTask<long?>> size)
{
    /// <summary>Returns the hashes of what is pinned and of all below recursive pins.</summary>
    /// <param name="force">Whether to go on where a graph is not whole; what lies below a gap is not found then.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="BitswapException"><c>PinIncomplete</c>. <c>NodeStopped</c>.</exception>
    public async Task<HashSet<Multihash>> FindAsync(bool force, CancellationToken cancellationToken)
    {
        IReadOnlyList<Pin> all = pins.List();
        HashSet<Multihash> needed = [.. all.Select(pin => pin.Cid.Hash)];
        Cid[] roots = [.. all.Where(pin => pin.Recursive).Select(pin => pin.Cid)];
        await foreach (DagWalkItem item in Walk(roots, cancellationToken).ConfigureAwait(false))
        {
            if (item.Error is BitswapException { ErrorId: NodeErrorIds.NodeStopped })
            {
                throw NodeErrors.Stopped();
            }

            needed.Add(item.Cid.Hash);

            // Below a leaf that is missing or torn there is nothing that could be lost.
            bool isKnown = item.State == DagWalkState.Present || (item.State == DagWalkState.Missing && DagLinks.IsLeaf(item.Cid.Codec));
            if (!isKnown && !force)
            {
                throw NodeErrors.PinIncomplete(item.Root, item.Cid, item.Error);
            }
        }

        return needed;
    }

    /// <summary>Walks what is stored below some roots. Leaves are there whatever their size.</summary>
    public IAsyncEnumerable<DagWalkItem> Walk(IReadOnlyList<Cid> roots, CancellationToken cancellationToken) =>
        new DagWalker(reader, new DagWalkOptions { LeafSize = (cid, _, token) => size(cid, token), MaxDepth = 1 << 20, MaxBlocks = int.MaxValue })
            .WalkAsync(roots, cancellationToken);
}
