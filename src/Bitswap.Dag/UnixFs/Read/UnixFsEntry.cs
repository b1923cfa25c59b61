using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Represents a file, directory or symlink.</summary>
public sealed record UnixFsEntry
{
    /// <summary>Gets the name in its directory; empty for what was asked for by its CID.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the names from what was asked for down to this, with slashes between them; empty for that itself.</summary>
    public required string RelativePath { get; init; }

    /// <summary>Gets how many directories are between what was asked for and this: 0 for itself, 1 for its entries.</summary>
    public required int Depth { get; init; }

    /// <summary>Gets the CID of its root block.</summary>
    public required Cid Cid { get; init; }

    /// <summary>Gets what it is.</summary>
    public required UnixFsEntryType Type { get; init; }

    /// <summary>Gets the bytes of a file; of a raw leaf that was not fetched, what the link to it claims. Null for what is no file.</summary>
    public long? Size { get; init; }

    /// <summary>Gets where a symlink leads.</summary>
    public string? Target { get; init; }

    /// <summary>
    /// Gets whether an entry before it in the directory has the name, too. Paths lead to the first (specs.ipfs.tech/unixfs, "Directory Path Resolution").
    /// </summary>
    public bool IsRepeated { get; init; }

    /// <summary>POSIX permissions in the lower 12 bits; null where none are given.</summary>
    public uint? Mode { get; init; }

    /// <summary>Gets when it was last changed; null where it is not given.</summary>
    public UnixFsTime? Mtime { get; init; }

    /// <summary><see cref="Mtime"/> in UTC; null where it is not given, or is out of what a <see cref="DateTime"/> holds.</summary>
    public DateTime? LastWriteTime => Disk.ToDateTime(Mtime);
}

/// <summary>Specifies what an entry of a directory is.</summary>
public enum UnixFsEntryType
{
    /// <summary>Bytes.</summary>
    File = 0,

    /// <summary>Names that lead to entries; in one block or spread over many.</summary>
    Directory = 1,

    /// <summary>A path to follow.</summary>
    Symlink = 2,

    /// <summary>A block of another codec, which a directory may name and no file system can hold.</summary>
    Other = 3,

    /// <summary>An entry whose block cannot be had or read, so that it is not known what it is.</summary>
    Unknown = 4,
}

/// <summary>Represents a block that a listing goes on without.</summary>
/// <param name="RelativePath">The names from what was asked for down to the entry that the block is the root of, or to the directory that it is a part of.</param>
/// <param name="Cid">The block.</param>
/// <param name="IsPart">Whether it is a part of a sharded directory, so that the names in it are not known.</param>
/// <param name="Cause">Why it cannot be had or read.</param>
public sealed record UnixFsGap(string RelativePath, Cid Cid, bool IsPart, Exception Cause);
