namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>Small pieces of work on a disk that never follow a symlink.</summary>
internal static class Disk
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;

    /// <summary>Returns what is at a path.</summary>
    public static FileKind At(string path) => FileFacts.Read(path, follow: false)?.Kind ?? FileKind.None;

    /// <summary>Removes what is at a path, if anything is.</summary>
    public static void Remove(string path)
    {
        switch (At(path))
        {
            case FileKind.Directory:
                Directory.Delete(path, recursive: true);
                break;
            // a link to a folder is a folder to Windows
            case FileKind.Symlink when OperatingSystem.IsWindows() && Directory.Exists(path):
                Directory.Delete(path);
                break;
            case FileKind.None:
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    /// <summary>Removes all symlinks in a folder and in those below it.</summary>
    public static void RemoveLinks(string folder)
    {
        // not the system's own recursion, which goes through links to folders
        foreach (string path in Directory.GetFileSystemEntries(folder))
        {
            switch (At(path))
            {
                case FileKind.Symlink:
                    Remove(path);
                    break;
                case FileKind.Directory:
                    RemoveLinks(path);
                    break;
            }
        }
    }

    /// <summary>Gives a file or folder its permissions and time. Of the permissions, only those of reading, writing and running: what another made does not run as its owner.</summary>
    public static void ApplyModeAndMtime(string path, bool isDirectory, uint? mode, UnixFsTime? mtime)
    {
        FileFacts? there = FileFacts.Read(path, follow: false);
        if (mode is { } bits && !OperatingSystem.IsWindows() && there?.Mode != (bits & (uint)Permissions))
        {
            File.SetUnixFileMode(path, (UnixFileMode)bits & Permissions);
        }

        if (mtime is { } time && there?.Modified != time)
        {
            SetModified(path, isDirectory, time);
        }
    }

    /// <summary>Sets the time of last change, as exactly as the system keeps it; of a symlink, its own. One that cannot be told to the system is left out.</summary>
    public static void SetModified(string path, bool isDirectory, UnixFsTime time)
    {
        if (NativeFiles.IsUsable)
        {
            NativeFiles.SetModified(path, time);
        }
        else if (ToDateTime(time) is { } rounded)
        {
            if (isDirectory)
            {
                Directory.SetLastWriteTimeUtc(path, rounded);
            }
            else
            {
                File.SetLastWriteTimeUtc(path, rounded);
            }
        }
    }

    /// <summary>Moves a symlink, its time with it, and replaces what is at the target.</summary>
    public static void MoveLink(string source, string target)
    {
        // a link whose end is missing is nothing to File.Move
        bool isDirectory = OperatingSystem.IsWindows() && Directory.Exists(source);
        FileFacts? facts = FileFacts.Read(source, follow: false);
        string leads = new FileInfo(source).LinkTarget!;
        Remove(target);
        File.CreateSymbolicLink(target, leads);
        if (facts is { } known)
        {
            SetModified(target, isDirectory, known.Modified);
        }

        Remove(source);
    }

    /// <summary>Returns a time as .NET keeps it; null where it is out of what it can keep.</summary>
    public static DateTime? ToDateTime(UnixFsTime? time)
    {
        if (time is not { } some || some.Seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds() || some.Seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return null;
        }

        return DateTimeOffset.FromUnixTimeSeconds(some.Seconds).UtcDateTime.AddTicks((some.Nanoseconds ?? 0) / TimeSpan.NanosecondsPerTick);
    }
}

/// <summary>Tells how much room a disk has, and whether that was why it refused.</summary>
public static class DiskSpace
{
    // errno: ENOSPC, and EDQUOT of Linux and of macOS and BSD
    private static readonly int[] _unixCodes = [28, 122, 69];

    // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED
    private static readonly int[] _windowsCodes = [39, 112, 1295];

    /// <summary>Returns the bytes that this user may still write to the file system of a folder; null where that cannot be told.</summary>
    /// <param name="folder">A folder that is there.</param>
    public static long? FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // a path that Windows knows no drive of, such as a share
            return null;
        }
    }

    /// <summary>Returns whether the disk, or what this user may have of it, was full.</summary>
    public static bool IsFull(IOException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return OperatingSystem.IsWindows() ? _windowsCodes.Contains(error.HResult & 0xFFFF) : _unixCodes.Contains(error.HResult);
    }
}
