namespace Bitswap.Dag.Walk;

/// <summary>Represents a block that a walk came to, whether it was there or not.</summary>
public sealed class DagWalkItem
{
    private readonly WalkNode _node;

    internal DagWalkItem(WalkNode node, DagWalkState state, ReadOnlyMemory<byte> data, long? size, Exception? error)
    {
        _node = node;
        State = state;
        Data = data;
        Size = size;
        Error = error;
    }

    /// <summary>Gets the block.</summary>
    public Cid Cid => _node.Cid;

    /// <summary>Gets the block whose link led here first, or null of a root.</summary>
    public Cid? Parent => _node.Parent?.Cid;

    /// <summary>Gets the root that the walk came from.</summary>
    public Cid Root => _node.Root;

    /// <summary>Gets how many links lie between the root and this block.</summary>
    public int Depth => _node.Depth;

    /// <summary>
    /// Gets the names of the links from the root to here, with slashes between them; empty where they have none. Of a part of a file this is the
    /// path of the file.
    /// </summary>
    public string Path => _node.Path;

    /// <summary>Gets what was found.</summary>
    public DagWalkState State { get; }

    /// <summary>Gets the block's bytes; empty unless it is there, and where <see cref="DagWalkOptions.LeafSize"/> answered for it.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Gets how many bytes the block has, or null when that is not known.</summary>
    public long? Size { get; }

    /// <summary>Gets why it is missing or unreadable; null when neither is the case.</summary>
    public Exception? Error { get; }
}

/// <summary>Specifies what a walk found of a block.</summary>
public enum DagWalkState
{
    /// <summary>It is there, and its links were read.</summary>
    Present = 0,

    /// <summary>It could not be had; what lies below it is not known.</summary>
    Missing = 1,

    /// <summary>It is there, and its links cannot be read; what lies below it is not known.</summary>
    Unreadable = 2,
}
