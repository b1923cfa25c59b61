using System.Security.Cryptography;
using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>
/// Represents the folder beside the target in which a save is put together. It is named after what is saved, so that the next try finds what this one
/// leaves; a lock in it keeps a second one out.
/// </summary>
internal sealed class PartialSave : IDisposable
{
    private const string LockName = "lock";
    private const string Suffix = ".part";
    private const int NameBytes = 8;
    private readonly FileStream _lock;

    private PartialSave(string folder, FileStream held)
    {
        Folder = folder;
        _lock = held;
        Content = Path.Combine(folder, "content");
        IsBegun = Disk.At(Content) != FileKind.None;
        IgnoresCase = File.Exists(Path.Combine(folder, LockName.ToUpperInvariant()));
    }

    /// <summary>Gets where what is saved is put together.</summary>
    public string Content { get; }

    /// <summary>Gets whether an earlier save has left something there.</summary>
    public bool IsBegun { get; }

    /// <summary>Gets the folder itself.</summary>
    public string Folder { get; }

    /// <summary>Gets whether names that differ only in case are one name there.</summary>
    public bool IgnoresCase { get; }

    /// <summary>Opens the folder, made by an earlier save or new.</summary>
    /// <exception cref="SaveException">UnsafeDestination or SaveInProgress.</exception>
    public static PartialSave Open(string destination, string name, Cid cid)
    {
        byte[] key = SHA256.HashData([.. cid.Bytes, .. Encoding.UTF8.GetBytes(name)]);
        string folder = OwnFolder(destination, $".bitswap-{Convert.ToHexStringLower(key.AsSpan(0, NameBytes))}");
        if (Disk.At(Path.Combine(folder, LockName)) is not (FileKind.None or FileKind.File))
        {
            throw new SaveException(ReadErrorIds.UnsafeDestination, $"'{folder}' is in the way and was not made by a save.", folder);
        }

        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new SaveException(ReadErrorIds.SaveInProgress, $"'{name}' is being saved to '{destination}' already.", folder, exception);
        }

        try
        {
            PartialSave partial = new(folder, held);
            if (Disk.At(partial.Content) == FileKind.Symlink)
            {
                Disk.Remove(partial.Content);
            }
            else if (Disk.At(partial.Content) == FileKind.Directory)
            {
                // made at the end of an earlier save: nothing may be written through them
                Disk.RemoveLinks(partial.Content);
            }

            return partial;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Returns the folder of a save: one that this user made and that no other user may write to. Where others may make folders, another may have made one of the usual
    /// name; then it gets a name that cannot be known before.
    /// </summary>
    private static string OwnFolder(string destination, string name)
    {
        string usual = Path.Combine(destination, name + Suffix);
        if (Disk.At(usual) == FileKind.None)
        {
            Make(usual);
        }

        // looked at also where it was just made: another may have been quicker
        if (IsOwn(usual))
        {
            return usual;
        }

        string other = Path.Combine(destination, $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameBytes))}{Suffix}");
        Make(other);
        string? earlier = !IsOwn(other) && Disk.At(usual) == FileKind.Directory && FileRights.Of(usual, follow: false) == FileRights.Of(other, follow: false)
            ? usual // the file system gives all its files to one user with the same permissions, so nothing can be one's own there
            : Directory.EnumerateDirectories(destination, $"{name}-*{Suffix}").FirstOrDefault(folder => folder != other && IsOwn(folder));
        if (earlier is null)
        {
            return other;
        }

        Directory.Delete(other);
        return earlier;
    }

    private static void Make(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static bool IsOwn(string folder) => Disk.At(folder) == FileKind.Directory && FileRights.Of(folder, follow: false) is null or { IsPrivate: true };

    /// <summary>Removes the folder and all that is in it.</summary>
    public void Remove()
    {
        _lock.Dispose();
        Disk.Remove(Folder);
    }

    /// <summary>Removes the folder if nothing has been put into it; otherwise it stays.</summary>
    /// <returns>Whether it stays.</returns>
    public bool KeepUnlessEmpty()
    {
        if (Disk.At(Content) != FileKind.None)
        {
            return true;
        }

        Remove();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}

/// <summary>Makes the folder that something is saved to, with those above it, and removes those that nothing came into.</summary>
internal sealed class MadeFolders : IDisposable
{
    private readonly List<string> _made = [];

    /// <summary>Makes what is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public MadeFolders(string folder)
    {
        for (string? missing = folder; missing is not null && Disk.At(missing) == FileKind.None; missing = Path.GetDirectoryName(missing))
        {
            _made.Add(missing);
        }

        Directory.CreateDirectory(folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string folder in _made)
        {
            try
            {
                if (!Directory.EnumerateFileSystemEntries(folder).Any())
                {
                    Directory.Delete(folder);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // something is put into it at the same time
                return;
            }
        }
    }
}
