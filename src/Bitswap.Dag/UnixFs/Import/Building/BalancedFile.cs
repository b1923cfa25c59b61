namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>
/// Joins leaves to a tree in which all are equally deep. A level is written once it is full and more follows, so what is held is one node's
/// links a level. Every group gets a parent, also a group of one, once there is more than one leaf.
/// </summary>
internal sealed class BalancedFile(BlockSink sink, int maxLinks, EntryAttributes attributes)
{
    private readonly List<List<DagEntry>> _levels = [];

    public async ValueTask<DagEntry> BuildAsync(LeafStream leaves, CancellationToken cancellationToken)
    {
        while (await leaves.HasNextAsync(cancellationToken).ConfigureAwait(false))
        {
            await AddAsync(0, await leaves.TakeAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }

        for (int level = 0; ; level++)
        {
            bool top = level == _levels.Count - 1;
            if (top && _levels[level].Count == 1)
            {
                return _levels[level][0];
            }

            await CloseAsync(level, top ? attributes : default, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask AddAsync(int level, DagEntry entry, CancellationToken cancellationToken)
    {
        if (level == _levels.Count)
        {
            _levels.Add([]);
        }

        if (_levels[level].Count == maxLinks)
        {
            await CloseAsync(level, default, cancellationToken).ConfigureAwait(false);
        }

        _levels[level].Add(entry);
    }

    private async ValueTask CloseAsync(int level, EntryAttributes own, CancellationToken cancellationToken)
    {
        DagEntry node = await FileNodes.WriteAsync(sink, _levels[level], own, cancellationToken).ConfigureAwait(false);
        _levels[level].Clear();
        await AddAsync(level + 1, node, cancellationToken).ConfigureAwait(false);
    }
}
