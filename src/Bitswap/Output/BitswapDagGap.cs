using Bitswap.Dag.Walk;

namespace Bitswap;

/// <summary>A block that a graph lacks, or whose links cannot be read.</summary>
public sealed class BitswapDagGap
{
    internal BitswapDagGap(DagWalkItem item, BitswapNode node)
    {
        Cid = item.Cid;
        State = item.State.ToString();
        Path = item.Path;
        Parent = item.Parent;
        Root = item.Root;
        Depth = item.Depth;
        Reason = item.Error?.Message;
        Node = node;
    }

    /// <summary>The block.</summary>
    public Cid Cid { get; }

    /// <summary>Missing; or Unreadable, when it is there and what it links to cannot be known.</summary>
    public string State { get; }

    /// <summary>The names that lead from the root to it; of a part of a file the path of the file.</summary>
    public string Path { get; }

    /// <summary>The block that links to it; null of the root itself.</summary>
    public Cid? Parent { get; }

    /// <summary>The root of the graph.</summary>
    public Cid Root { get; }

    /// <summary>How many links lie between the root and it.</summary>
    public int Depth { get; }

    /// <summary>What was said of it; null when it is simply not there.</summary>
    public string? Reason { get; }

    /// <summary>The node that looked.</summary>
    public BitswapNode Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Cid.ToString();
}
