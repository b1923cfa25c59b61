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
        var ahead = new WalkAhead(roots, _reader, _options, cancellationToken);
        await using ConfiguredAsyncDisposable fetching = ahead.ConfigureAwait(false);
        while (ahead.Head is { } node)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (visited.Contains(node.Cid))
            {
                ahead.Advance();
                continue;
            }

            if (visited.Count >= _options.MaxBlocks)
            {
                throw WalkAhead.Exceeded(node, $"has more than {_options.MaxBlocks} blocks");
            }

            WalkBlock block = await ahead.TakeAsync(visited).ConfigureAwait(false);
            visited.Add(node.Cid);
            DagWalkItem item = Visit(node, block, ahead, visited);
            ahead.Advance();
            yield return item;
        }
    }

    private static DagWalkItem Visit(WalkNode node, in WalkBlock block, WalkAhead ahead, HashSet<Cid> visited)
    {
        if (!block.IsThere)
        {
            return new DagWalkItem(node, DagWalkState.Missing, default, null, block.Error);
        }

        if (DagLinks.IsLeaf(node.Cid.Codec))
        {
            return new DagWalkItem(node, DagWalkState.Present, block.Data, block.Size, null);
        }

        return ahead.Open(block.Data, visited) is { } failure
            ? new DagWalkItem(node, DagWalkState.Unreadable, block.Data, block.Size, failure)
            : new DagWalkItem(node, DagWalkState.Present, block.Data, block.Size, null);
    }
}
