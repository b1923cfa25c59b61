namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>Represents what the file system says of a path: times to the nanosecond on Linux and macOS, and to the 100 nanoseconds of .NET elsewhere.</summary>
internal readonly record struct FileFacts(FileKind Kind, long Length, uint? Mode, UnixFsTime Modified)
{
    private const long TicksOfEpoch = 621_355_968_000_000_000;

    /// <summary>Gets the number of the user whose it is; null where that is not told.</summary>
    public uint? Owner { get; init; }

    /// <summary>Asks the file system; null when there is nothing.</summary>
    /// <param name="path">A full path.</param>
    /// <param name="follow">Whether a symbolic link is followed.</param>
    /// <exception cref="IOException">The system does not tell, or links lead round in a circle.</exception>
    /// <exception cref="UnauthorizedAccessException">The system may not tell.</exception>
    public static FileFacts? Read(string path, bool follow) => NativeFiles.IsUsable ? NativeFiles.Read(path, follow) : ReadManaged(path, follow);

    /// <summary>Asks the file system by .NET's own classes alone.</summary>
    public static FileFacts? ReadManaged(string path, bool follow)
    {
        FileSystemInfo info = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        if (info.LinkTarget is not null)
        {
            if (!follow)
            {
                return new FileFacts(FileKind.Symlink, 0, ModeOf(info), TimeOf(info));
            }

            if (info.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: true } target)
            {
                return null;
            }

            info = target;
        }

        return info switch
        {
            { Exists: false } => null,
            FileInfo { Length: 0 } empty => new FileFacts(SpecialFile.KindOf(empty.FullName), 0, ModeOf(empty), TimeOf(empty)),
            FileInfo file => new FileFacts(FileKind.File, file.Length, ModeOf(file), TimeOf(file)),
            _ => new FileFacts(FileKind.Directory, 0, ModeOf(info), TimeOf(info)),
        };
    }

    private static uint? ModeOf(FileSystemInfo info) => OperatingSystem.IsWindows() ? null : (uint)info.UnixFileMode;

    private static UnixFsTime TimeOf(FileSystemInfo info)
    {
        (long seconds, long ticks) = Math.DivRem(info.LastWriteTimeUtc.Ticks - TicksOfEpoch, TimeSpan.TicksPerSecond);
        if (ticks < 0)
        {
            seconds--;
            ticks += TimeSpan.TicksPerSecond;
        }

        return new UnixFsTime(seconds, ticks == 0 ? null : (uint)(ticks * TimeSpan.NanosecondsPerTick));
    }
}

/// <summary>Specifies what is at a path.</summary>
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
