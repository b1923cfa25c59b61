using Bitswap.Dag.Walk;

namespace Bitswap;

/// <summary>One block of a graph, as Show-BitswapDag comes upon it: each link to it is one.</summary>
public sealed class BitswapDagNode
{
    internal BitswapDagNode()
    {
    }

    /// <summary>The block.</summary>
    public required string Cid { get; init; }

    /// <summary>The name of the link that leads to it; null for the root, and where links have no names.</summary>
    public string? Name { get; init; }

    /// <summary>How many links lie between it and the root.</summary>
    public int Depth { get; init; }

    /// <summary>The number of the link that leads to it among those of <see cref="Parent"/>, from 0.</summary>
    public int Index { get; init; }

    /// <summary>The block that links to it; null for the root.</summary>
    public string? Parent { get; init; }

    /// <summary>Stored; Missing when the node does not have it; Repeated when it is shown further up; Invalid when it cannot be read.</summary>
    public required string State { get; init; }

    /// <summary>File, Directory, Shard (of a large directory), Symlink, or the codec of a block that is no UnixFS entry; null when it was not read.</summary>
    public string? Type { get; init; }

    /// <summary>The bytes of the file it is, or is a piece of; of a block that is no UnixFS entry, its own bytes; null when it is not known.</summary>
    public long? Size { get; init; }

    /// <summary>The bytes of the block itself; null when it was not read.</summary>
    public int? BlockSize { get; init; }

    /// <summary>What the link says the block and all below it have, in bytes: a claim. Null where links say nothing of it.</summary>
    public ulong? ClaimedSize { get; init; }

    /// <summary>How many links the block has.</summary>
    public int Links { get; init; }

    /// <summary>How many of them are not shown, for the limits that were given.</summary>
    public int Hidden { get; init; }

    /// <summary>Why it is Missing or Invalid, where there is more to tell.</summary>
    public string? Error { get; init; }

    /// <summary>The branches that lead to it in the tree that the view draws.</summary>
    public required string Tree { get; init; }

    /// <summary>What stands for it in a drawing: its name made safe to show, the number of its link, or (root).</summary>
    public string Label => Name is { Length: > 0 } ? Display.Name(Name) : Parent is null ? "(root)" : $"#{Index}";

    /// <summary>The node that was asked.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Cid;
}

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
