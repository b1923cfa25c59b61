namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>What is at a path.</summary>
internal enum FileKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    Symlink,

    /// <summary>A named pipe.</summary>
    Pipe,

    /// <summary>A device that takes a stream of bytes, such as /dev/null or a terminal.</summary>
    CharacterDevice,

    /// <summary>A socket, a disk, or what else the system may have.</summary>
    Special,
}
