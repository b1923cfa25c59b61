using System.Globalization;
using Bitswap.Node.Core;

namespace Bitswap.Node.Repositories;

/// <summary>
/// Keeps a repository to one process, and there to one node: <c>repo.lock</c> is held open for this one alone, which the system undoes when
/// the process ends in whatever way. A repository that cannot be written to is shared by those who read it.
/// </summary>
/// <remarks>
/// The lock file stays when the lock is let go. Deleting it would open a gap: one who had opened it just before would lock a file
/// that no longer has a name, and the next one a new file beside it. The holder's process id lies in a file of its own, for a file locked
/// so cannot be read; it only helps the message, so that a disk without room for it does not keep the repository closed.
/// </remarks>
internal sealed class RepositoryLock : IDisposable
{
    private const string LockFile = "repo.lock";
    private const string HolderFile = "repo.pid";
    private const int MaxHolderLength = 32;

    private readonly FileStream? _file;
    private readonly string? _holder;

    private RepositoryLock(FileStream? file, string? holder, bool isReadOnly)
    {
        _file = file;
        _holder = holder;
        IsReadOnly = isReadOnly;
    }

    /// <summary>Gets whether nothing can be written to the repository.</summary>
    public bool IsReadOnly { get; }

    /// <exception cref="BitswapException">StoreLocked: another node has it.</exception>
    public static RepositoryLock Take(string folder)
    {
        FileStream? file = Hold(folder, FileAccess.ReadWrite) ?? Hold(folder, FileAccess.Read);
        try
        {
            if (file?.CanWrite != true)
            {
                return new RepositoryLock(file, null, isReadOnly: true);
            }

            string holder = Path.Combine(folder, HolderFile);
            Exception? refusal = TryWriteHolder(holder);
            return new RepositoryLock(file, refusal is null ? holder : null, refusal is not null && FileErrors.IsNoWriteAccess(refusal));
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            if (_holder is not null)
            {
                File.Delete(_holder);
            }
        }
        finally
        {
            _file?.Dispose();
        }
    }

    /// <summary>Returns the lock file, held; null where it cannot be opened so: it may not be written, or is not there to be read.</summary>
    private static FileStream? Hold(string folder, FileAccess access)
    {
        string path = Path.Combine(folder, LockFile);
        RepositorySafety.RefuseLink(path);
        try
        {
            return access == FileAccess.Read
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (FileErrors.IsSharingViolation(error))
        {
            string who = ReadHolder(Path.Combine(folder, HolderFile)) is { } id
                ? id == Environment.ProcessId ? "another node of this process" : $"process {id.ToString(CultureInfo.InvariantCulture)}"
                : "another process";
            throw new BitswapException(
                NodeErrorIds.StoreLocked,
                $"The repository '{folder}' is in use by {who}.",
                $"Stop the node that uses it, or give another folder. '{path}' need not be deleted: the lock ends with its process.",
                folder,
                error);
        }
        catch (Exception error) when (access == FileAccess.ReadWrite ? FileErrors.IsNoWriteAccess(error) : error is FileNotFoundException)
        {
            return null;
        }
    }

    private static Exception? TryWriteHolder(string path)
    {
        try
        {
            // Made new, so that nothing is written through a link that was put in its place.
            File.Delete(path);
            using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error;
        }
    }

    /// <summary>Returns the holder's process id, or null where it cannot be told.</summary>
    private static int? ReadHolder(string path)
    {
        try
        {
            using StreamReader reader = new(path);
            char[] text = new char[MaxHolderLength];
            int length = reader.ReadBlock(text);
            return int.TryParse(text.AsSpan(0, length), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
