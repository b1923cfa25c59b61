namespace Bitswap;

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
