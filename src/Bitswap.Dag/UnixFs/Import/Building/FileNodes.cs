using System.Runtime.InteropServices;
using Bitswap.Dag.DagPb;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Writes the inner nodes of files.</summary>
internal static class FileNodes
{
    /// <summary>Writes a node with links to its children, in their order.</summary>
    public static ValueTask<DagEntry> WriteAsync(
        BlockSink sink, List<DagEntry> children, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        ReadOnlySpan<DagEntry> entries = CollectionsMarshal.AsSpan(children);
        var links = new DagPbLink[entries.Length];
        var sizes = new ulong[entries.Length];
        ulong fileSize = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            links[i] = new DagPbLink(entries[i].Cid, "", entries[i].TotalSize);
            sizes[i] = entries[i].FileSize;
            fileSize += entries[i].FileSize;
        }

        var data = new UnixFsData
        {
            Type = UnixFsType.File,
            FileSize = fileSize,
            BlockSizes = sizes,
            Mode = attributes.Mode,
            Mtime = attributes.Mtime,
        };
        return sink.AddNodeAsync(new DagPbNode(links, data.Encode()), fileSize, cancellationToken);
    }
}

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
