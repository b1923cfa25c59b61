namespace Bitswap.Node.Core;

/// <summary>Tells the errors of files apart that .NET does not.</summary>
internal static class FileErrors
{
    /// <summary>
    /// Returns whether another has the file locked: ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; elsewhere the errno EWOULDBLOCK of flock, 11 on Linux, 35 on macOS and BSD.
    /// </summary>
    public static bool IsSharingViolation(IOException error) =>
        OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) is 32 or 33 : error.HResult is 11 or 35;

    /// <summary>
    /// Returns whether a file could not be opened because this user may not write to it, or because its file system is read-only (EROFS, ERROR_WRITE_PROTECT).
    /// </summary>
    public static bool IsNoWriteAccess(Exception error) => error is UnauthorizedAccessException
        || (error is IOException && (OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) == 19 : error.HResult == 30));
}
