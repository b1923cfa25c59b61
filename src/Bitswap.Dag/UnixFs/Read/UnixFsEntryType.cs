namespace Bitswap.Dag.UnixFs.Read;

/// <summary>What an entry of a directory is.</summary>
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
