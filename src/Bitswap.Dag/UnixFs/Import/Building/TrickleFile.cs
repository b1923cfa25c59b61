namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>
/// Joins leaves to a tree whose first leaves hang from the root: a node takes as many leaves as it may have links, and then four subtrees
/// of each depth from 1 up (boxo <c>importer/trickle</c>), which count beside the leaves.
/// </summary>
internal sealed class TrickleFile(BlockSink sink, int maxLinks, EntryAttributes attributes)
{
    private const int SubtreesOfOneDepth = 4;

    public ValueTask<DagEntry> BuildAsync(LeafStream leaves, CancellationToken cancellationToken) =>
        FillAsync(leaves, int.MaxValue, attributes, cancellationToken);

    private async ValueTask<DagEntry> FillAsync(LeafStream leaves, int depthLimit, EntryAttributes own, CancellationToken cancellationToken)
    {
        List<DagEntry> children = [];
        while (children.Count < maxLinks && await leaves.HasNextAsync(cancellationToken).ConfigureAwait(false))
        {
            children.Add(await leaves.TakeAsync().ConfigureAwait(false));
        }

        for (int depth = 1; depth < depthLimit && await leaves.HasNextAsync(cancellationToken).ConfigureAwait(false); depth++)
        {
            for (int i = 0; i < SubtreesOfOneDepth && await leaves.HasNextAsync(cancellationToken).ConfigureAwait(false); i++)
            {
                children.Add(await FillAsync(leaves, depth, default, cancellationToken).ConfigureAwait(false));
            }
        }

        return await FileNodes.WriteAsync(sink, children, own, cancellationToken).ConfigureAwait(false);
    }
}
