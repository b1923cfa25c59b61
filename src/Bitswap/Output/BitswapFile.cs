namespace Bitswap;

/// <summary>A file, directory or symlink by its CID.</summary>
public sealed class BitswapFile
{
    internal BitswapFile(string name, string type, long? size, Cid cid, string path, BitswapNode? node)
    {
        Name = name;
        Type = type;
        Size = size;
        Cid = cid.ToString();
        Path = path;
        Node = node?.Name;
    }

    /// <summary>The name; of what was asked for by its CID alone, the CID.</summary>
    public string Name { get; }

    /// <summary>File, Directory, Symlink, Other for a block that no file system can hold, or Unknown where the block cannot be had.</summary>
    public string Type { get; }

    /// <summary>The bytes of a file; null for what is none, and where they are not known.</summary>
    public long? Size { get; }

    /// <summary>The CID of its root block.</summary>
    public string Cid { get; }

    /// <summary>The path that leads to it from the CID that was asked for.</summary>
    public string Path { get; }

    /// <summary>Where a symlink leads; null for what is none.</summary>
    public string? Target { get; init; }

    /// <summary>The POSIX permissions that are kept with it; null when none are.</summary>
    public uint? Mode { get; init; }

    /// <summary>When it was last changed, in UTC; null when that is not kept with it.</summary>
    public DateTime? LastWriteTime { get; init; }

    /// <summary>The node that read it.</summary>
    public string? Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>A file, folder or symbolic link that a node holds now: what Add-BitswapFile gives.</summary>
public sealed class BitswapAddedFile
{
    internal BitswapAddedFile(Cid cid, string name, string? path, string type, long size, long dagSize, BitswapNode node)
    {
        Cid = cid.ToString();
        Name = name;
        Path = path;
        Type = type;
        Size = size;
        DagSize = dagSize;
        Node = node.Name;
    }

    /// <summary>The CID of its root block: what others ask for.</summary>
    public string Cid { get; }

    /// <summary>Its name; empty of a directory that wraps others.</summary>
    public string Name { get; }

    /// <summary>Where it was read from; null of a directory that wraps others.</summary>
    public string? Path { get; }

    /// <summary>File, Directory or Symlink.</summary>
    public string Type { get; }

    /// <summary>The bytes of the files in it.</summary>
    public long Size { get; }

    /// <summary>The bytes of its blocks, each counted as often as it is linked.</summary>
    public long DagSize { get; }

    /// <summary>The node that holds it.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Cid;
}
