namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Small pieces of work on a disk that never follow a symlink.</summary>
internal static class Disk
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF;

    /// <summary>What is at a path.</summary>
    public static DiskEntry At(string path)
    {
        FileInfo info = new(path);
        return info.LinkTarget is not null ? DiskEntry.Link
            : info.Exists ? DiskEntry.File
            : Directory.Exists(path) ? DiskEntry.Directory
            : DiskEntry.None;
    }

    /// <summary>Removes what is at a path, if anything is.</summary>
    public static void Remove(string path)
    {
        switch (At(path))
        {
            case DiskEntry.Directory:
                Directory.Delete(path, recursive: true);
                break;
            // a link to a folder is a folder to Windows
            case DiskEntry.Link when OperatingSystem.IsWindows() && Directory.Exists(path):
                Directory.Delete(path);
                break;
            case DiskEntry.None:
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
                case DiskEntry.Link:
                    Remove(path);
                    break;
                case DiskEntry.Directory:
                    RemoveLinks(path);
                    break;
            }
        }
    }

    /// <summary>Gives a file or folder its permissions and time. Of the permissions, only those of reading, writing and running: what a stranger made does not run as its owner.</summary>
    public static void Dress(string path, bool isDirectory, uint? mode, UnixFsTime? mtime)
    {
        if (mode is { } bits && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, (UnixFileMode)bits & Permissions);
        }

        if (ToDateTime(mtime) is { } time)
        {
            if (isDirectory)
            {
                Directory.SetLastWriteTimeUtc(path, time);
            }
            else
            {
                File.SetLastWriteTimeUtc(path, time);
            }
        }
    }

    /// <summary>A time as the system keeps it; null where it is out of what it can keep.</summary>
    public static DateTime? ToDateTime(UnixFsTime? time)
    {
        if (time is not { } some || some.Seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds() || some.Seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return null;
        }

        return DateTimeOffset.FromUnixTimeSeconds(some.Seconds).UtcDateTime.AddTicks((some.Nanoseconds ?? 0) / TimeSpan.NanosecondsPerTick);
    }
}
