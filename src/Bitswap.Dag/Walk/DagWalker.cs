using System.Runtime.CompilerServices;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Walk;

/// <summary>
/// Walks graphs of blocks depth first, in the order of the links, and comes to each block once: a CAR written from a walk is the one others
/// write. Blocks are asked for ahead of their turn, within bounds, so that a walk over a network is parallel while its order stays. A block
/// that is missing, or whose links cannot be read, is an item like the others.
/// </summary>
/// <remarks>Blocks are told apart by CID and not by hash alone, for the codec says what the links are.</remarks>
public sealed class DagWalker
{
    private readonly BlockReader _reader;
    private readonly DagWalkOptions _options;

    /// <summary>Makes a walker.</summary>
    /// <param name="reader">
    /// Who gives the blocks, but for those that follow from their CIDs. What it throws, but for the walk's own cancellation, makes a block missing.
    /// </param>
    /// <param name="options">How; null for the defaults.</param>
    public DagWalker(BlockReader reader, DagWalkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _reader = reader;
        _options = options ?? new DagWalkOptions();
    }

    /// <summary>Walks what is below some roots, one after the other.</summary>
    /// <param name="roots">The roots.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    /// <exception cref="DagException"><c>DagLimitExceeded</c>: the graph is deeper or larger than the options allow.</exception>
    public async IAsyncEnumerable<DagWalkItem> WalkAsync(
        IReadOnlyList<Cid> roots, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(roots);
        HashSet<Cid> visited = [];
        List<WalkNode> pending = [];
        for (int i = roots.Count - 1; i >= 0; i--)
        {
            pending.Add(new WalkNode(roots[i], null, null, null));
        }

        var fetcher = new WalkFetcher(_reader, _options, cancellationToken);
        await using ConfiguredAsyncDisposable fetching = fetcher.ConfigureAwait(false);
        while (pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            WalkNode node = pending[^1];
            if (visited.Contains(node.Cid))
            {
                pending.RemoveAt(pending.Count - 1);
                continue;
            }

            if (visited.Count >= _options.MaxBlocks)
            {
                throw Exceeded(node, $"has more than {_options.MaxBlocks} blocks");
            }

            fetcher.Prefetch(pending, visited);
            WalkBlock block = await fetcher.TakeAsync(node.Cid).ConfigureAwait(false);
            pending.RemoveAt(pending.Count - 1);
            visited.Add(node.Cid);
            yield return Visit(node, block, pending, visited);
        }
    }

    private DagWalkItem Visit(WalkNode node, in WalkBlock block, List<WalkNode> pending, HashSet<Cid> visited)
    {
        if (!block.IsThere)
        {
            return new DagWalkItem(node, DagWalkState.Missing, default, null, block.Error);
        }

        if (DagLinks.IsLeaf(node.Cid.Codec))
        {
            return new DagWalkItem(node, DagWalkState.Present, block.Data, block.Size, null);
        }

        IReadOnlyList<DagLink> links;
        try
        {
            links = DagLinks.ReadNamed(node.Cid, block.Data, _options.Limits);
        }
        catch (DagException exception)
        {
            return new DagWalkItem(node, DagWalkState.Unreadable, block.Data, block.Size, exception);
        }

        Push(node, links, block.Data, pending, visited);
        return new DagWalkItem(node, DagWalkState.Present, block.Data, block.Size, null);
    }

    private void Push(WalkNode node, IReadOnlyList<DagLink> links, ReadOnlyMemory<byte> data, List<WalkNode> pending, HashSet<Cid> visited)
    {
        if (links.Count > 0 && node.Depth >= _options.MaxDepth)
        {
            throw Exceeded(node, $"is deeper than {_options.MaxDepth} links");
        }

        DagPbOutline outline = node.Cid.Codec == Multicodec.DagPb && (HasNames(links) || LooksUpLeaves(links)) ? DagPbOutline.Of(data) : default;
        for (int i = links.Count - 1; i >= 0; i--)
        {
            if (visited.Contains(links[i].Cid))
            {
                continue;
            }

            if (pending.Count >= _options.MaxPendingLinks)
            {
                throw Exceeded(node, $"has more than {_options.MaxPendingLinks} links that wait to be followed");
            }

            pending.Add(new WalkNode(links[i].Cid, node, DagPbLinks.InPath(links[i].Name, outline.IsShard), outline.LeafSizeOf(i)));
        }
    }

    private static bool HasNames(IReadOnlyList<DagLink> links) => links.Count > 0 && links[0].Name is not null;

    private bool LooksUpLeaves(IReadOnlyList<DagLink> links) => _options.LeafSize is not null && links.Any(link => DagLinks.IsLeaf(link.Cid.Codec));

    private static DagException Exceeded(WalkNode node, string why) =>
        new(DagErrorIds.DagLimitExceeded, $"The graph below {node.Root} {why} (at {node.Cid}).") { Cid = node.Root };
}
