using Bitswap.Dag.Walk;

namespace Bitswap;

/// <summary>A block that a graph lacks, or whose links cannot be read.</summary>
public sealed class BitswapDagGap
{
    internal BitswapDagGap(DagWalkItem item, BitswapNode node)
    {
        Cid = item.Cid.ToString();
        State = item.Error is BitswapException { ErrorId: NodeErrorIds.StoreCorrupt } ? "Corrupt" : item.State.ToString();
        Path = item.Path;
        Parent = item.Parent?.ToString();
        Root = item.Root.ToString();
        Depth = item.Depth;
        Reason = item.Error?.Message;
        Node = node.Name;
    }

    /// <summary>The block.</summary>
    public string Cid { get; }

    /// <summary>Missing; Corrupt, when it is stored and does not hash to its CID; or Unreadable, when it is there and what it links to cannot be known.</summary>
    public string State { get; }

    /// <summary>The names that lead from the root to it; of a part of a file the path of the file.</summary>
    public string Path { get; }

    /// <summary>The block that links to it; null of the root itself.</summary>
    public string? Parent { get; }

    /// <summary>The root of the graph.</summary>
    public string Root { get; }

    /// <summary>How many links lie between the root and it.</summary>
    public int Depth { get; }

    /// <summary>What was said of it.</summary>
    public string? Reason { get; }

    /// <summary>The node that looked.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Cid;
}
