namespace Bitswap.Dag.UnixFs;

/// <summary>What a UnixFS entry is (specs.ipfs.tech/unixfs, <c>DataType</c>).</summary>
public enum UnixFsType
{
    /// <summary>Bytes of a file, as old writers marked leaves.</summary>
    Raw = 0,

    /// <summary>A directory whose entries are the node's links.</summary>
    Directory = 1,

    /// <summary>A file, or a part of one.</summary>
    File = 2,

    /// <summary>Metadata of a file, long out of use.</summary>
    Metadata = 3,

    /// <summary>A symbolic link; the data is its target.</summary>
    Symlink = 4,

    /// <summary>A part of a directory that is spread over many nodes by a hash of the names.</summary>
    HamtShard = 5,
}
