using System.Globalization;

namespace Bitswap.Node;

/// <summary>
/// Keeps a repository to one process, and there to one node: <c>repo.lock</c> is held open for this one alone, which the system undoes when
/// the process ends in whatever way.
/// </summary>
/// <remarks>
/// The lock file stays when the lock is let go. Deleting it would open a gap: one who had opened it just before would lock a file
/// that no longer has a name, and the next one a new file beside it. The holder's process id lies in a file of its own, for a file locked
/// so cannot be read.
/// </remarks>
internal sealed class RepositoryLock : IDisposable
{
    private const string LockFile = "repo.lock";
    private const string HolderFile = "repo.pid";
    private const int LongestHolder = 32;

    private readonly FileStream _file;
    private readonly string _holder;

    private RepositoryLock(FileStream file, string holder)
    {
        _file = file;
        _holder = holder;
    }

    /// <exception cref="BitswapException">StoreLocked: another node has it.</exception>
    public static RepositoryLock Take(string folder)
    {
        string path = Path.Combine(folder, LockFile), holder = Path.Combine(folder, HolderFile);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (IsSharingViolation(error))
        {
            string who = ReadHolder(holder) is { } id
                ? id == Environment.ProcessId ? "another node of this process" : $"process {id.ToString(CultureInfo.InvariantCulture)}"
                : "another process";
            throw new BitswapException(
                "StoreLocked",
                $"The repository '{folder}' is in use by {who}.",
                $"Stop the node that uses it, or give another folder. '{path}' need not be deleted: the lock ends with its process.",
                folder,
                error);
        }

        try
        {
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new RepositoryLock(file, holder);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(_holder);
        }
        finally
        {
            _file.Dispose();
        }
    }

    /// <summary>
    /// ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; elsewhere the errno EWOULDBLOCK of flock: 11 on Linux, 35 on macOS and BSD.
    /// </summary>
    private static bool IsSharingViolation(IOException error) =>
        OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) is 32 or 33 : error.HResult is 11 or 35;

    /// <summary>The holder's process id, or null where it cannot be told: it only helps the message.</summary>
    private static int? ReadHolder(string path)
    {
        try
        {
            using StreamReader reader = new(path);
            char[] text = new char[LongestHolder];
            int length = reader.ReadBlock(text);
            return int.TryParse(text.AsSpan(0, length), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
