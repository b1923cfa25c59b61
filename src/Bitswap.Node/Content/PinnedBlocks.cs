using Bitswap.Dag.Links;
using Bitswap.Dag.Walk;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Content;

/// <summary>Finds out which blocks the pins of a node keep.</summary>
internal static class PinnedBlocks
{
    /// <summary>Returns the hashes of what is pinned and of all below recursive pins.</summary>
    /// <param name="node">The node.</param>
    /// <param name="force">Whether to go on where a graph is not whole; what lies below a gap is not found then.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="BitswapException"><c>PinIncomplete</c>. <c>NodeStopped</c>.</exception>
    public static async Task<HashSet<Multihash>> FindAsync(NodeHost node, bool force, CancellationToken cancellationToken)
    {
        IReadOnlyList<Pin> pins = node.Pins.List();
        HashSet<Multihash> needed = [.. pins.Select(pin => pin.Cid.Hash)];
        Cid[] roots = [.. pins.Where(pin => pin.Recursive).Select(pin => pin.Cid)];
        await foreach (DagWalkItem item in Walk(node, roots, cancellationToken).ConfigureAwait(false))
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
    public static IAsyncEnumerable<DagWalkItem> Walk(NodeHost node, IReadOnlyList<Cid> roots, CancellationToken cancellationToken) =>
        new DagWalker(
            async (cid, token) => await node.ReadLocalAsync(cid, token).ConfigureAwait(false) ?? throw NodeErrors.BlockNotFound(cid),
            new DagWalkOptions { LeafSize = (cid, _, token) => node.Blocks.GetSizeAsync(cid, token), MaxDepth = 1 << 20, MaxBlocks = int.MaxValue })
            .WalkAsync(roots, cancellationToken);
}
