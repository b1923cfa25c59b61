namespace Bitswap.Dag.UnixFs.FileSystem;

/// <summary>How much room a disk has, and whether that was why it refused.</summary>
public static class DiskSpace
{
    // errno: ENOSPC, and EDQUOT of Linux and of macOS and BSD
    private static readonly int[] _unixCodes = [28, 122, 69];

    // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED
    private static readonly int[] _windowsCodes = [39, 112, 1295];

    /// <summary>The bytes that this user may still write to the file system of a folder; null where that cannot be told.</summary>
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

    /// <summary>Whether the disk, or what this user may have of it, was full.</summary>
    public static bool IsFull(IOException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return OperatingSystem.IsWindows() ? _windowsCodes.Contains(error.HResult & 0xFFFF) : _unixCodes.Contains(error.HResult);
    }
}
