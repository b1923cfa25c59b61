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
