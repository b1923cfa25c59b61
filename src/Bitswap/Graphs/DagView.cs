using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Graphs;

/// <summary>
/// Walks graphs in the order in which a tree is drawn: each block before what it links to. A block that comes again is shown again, and what
/// is below it is not. Memory is bounded by the limits of the options.
/// </summary>
internal sealed class DagView(GraphSource source, DagViewOptions options)
{
    private readonly Dictionary<Cid, (string State, BlockShape? Shape)> _seen = [];

    /// <summary>Where the blocks come from.</summary>
    public GraphSource Source => source;

    /// <summary>How many blocks were shown.</summary>
    public int Shown { get; private set; }

    /// <summary>How many of those are missing.</summary>
    public int Missing { get; private set; }

    /// <summary>Whether the limit of blocks cut something off.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Walks the graph below a root.</summary>
    public async IAsyncEnumerable<BitswapDagNode> WalkAsync(Cid root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Stack<Level> levels = new();
        Place place = new(new ShapeLink(root, null, null), null, 0, "", "");
        while (true)
        {
            if (Shown == options.Limit)
            {
                IsCut = true;
                yield break;
            }

            (BitswapDagNode node, IReadOnlyList<ShapeLink> follow) = await VisitAsync(place, levels.Count, cancellationToken).ConfigureAwait(false);
            Shown++;
            yield return node;
            if (follow.Count > 0)
            {
                levels.Push(new Level(place.Link.Cid, follow, Math.Min(follow.Count, options.LinkLimit), place.Stem));
            }

            while (levels.TryPeek(out Level? done) && done.Next == done.Count)
            {
                levels.Pop();
            }

            if (levels.Count == 0)
            {
                yield break;
            }

            place = levels.Peek().Advance();
        }
    }

    private async ValueTask<(BitswapDagNode Node, IReadOnlyList<ShapeLink> Follow)> VisitAsync(
        Place place, int depth, CancellationToken cancellationToken)
    {
        Cid cid = place.Link.Cid;
        if (_seen.TryGetValue(cid, out (string State, BlockShape? Shape) known))
        {
            // one that was missing is missing still
            string again = known.Shape is null ? known.State : "Repeated";
            return (Create(place, depth, again, known.Shape, known.Shape?.Links.Count ?? 0, null), []);
        }

        BlockShape? shape = null;
        string state = "Missing";
        string? reason = null;
        try
        {
            shape = BlockShape.Read(cid, await source.Reader(cid, cancellationToken).ConfigureAwait(false));
            state = "Stored";
        }
        catch (BitswapException miss) when (miss.ErrorId is NodeErrorIds.BlockNotFound or NodeErrorIds.BlockUnavailable or NodeErrorIds.Timeout)
        {
            // that it is not stored is all there is to say where no peer was asked
            reason = miss.ErrorId == NodeErrorIds.BlockNotFound ? null : miss.Message;
        }
        catch (Exception exception) when (exception is DagException or BitswapException { ErrorId: NodeErrorIds.StoreCorrupt })
        {
            (state, reason) = ("Invalid", exception.Message);
        }

        if (state == "Missing")
        {
            Missing++;
        }

        _seen.Add(cid, (state, shape));
        IReadOnlyList<ShapeLink> follow = depth < options.Depth && options.LinkLimit > 0 ? shape?.Links ?? [] : [];
        int hidden = (shape?.Links.Count ?? 0) - Math.Min(follow.Count, options.LinkLimit);
        return (Create(place, depth, state, shape, hidden, reason), follow);
    }

    private BitswapDagNode Create(in Place place, int depth, string state, BlockShape? shape, int hidden, string? reason) => new()
    {
        Cid = place.Link.Cid.ToString(),
        Name = place.Link.Name,
        Depth = depth,
        Index = place.Index,
        Parent = place.Parent?.ToString(),
        State = state,
        Type = shape?.Type,
        Size = shape?.Size,
        BlockSize = shape?.BlockSize,
        ClaimedSize = place.Link.ClaimedSize,
        Links = shape?.Links.Count ?? 0,
        Hidden = hidden,
        Error = reason,
        Tree = place.Tree,
        Node = source.Node.Name,
    };

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(ShapeLink Link, Cid? Parent, int Index, string Tree, string Stem);

    private sealed class Level(Cid parent, IReadOnlyList<ShapeLink> links, int count, string stem)
    {
        public int Count => count;

        public int Next { get; private set; }

        public Place Advance()
        {
            int index = Next++;
            bool last = Next == count;
            return new Place(links[index], parent, index, stem + (last ? "└─ " : "├─ "), stem + (last ? "   " : "│  "));
        }
    }
}

/// <summary>How much of a graph is shown.</summary>
internal sealed record DagViewOptions
{
    /// <summary>How many links down from the root, 0 or more.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>How many blocks in all, 1 or more.</summary>
    public int Limit { get; init; } = 1000;

    /// <summary>How many links of one block, 0 or more.</summary>
    public int LinkLimit { get; init; } = 32;
}
