using System.Globalization;
using Bitswap.Node.Core;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// The files that a store is writing. Each writer has a folder of its own, in which it holds the file <c>lock</c> as long as it lives: where it is not held, the
/// writer is dead, and its files go when the store is opened next. Thread-safe.
/// </summary>
/// <param name="root">The folder of all writers of a store; made with the first file.</param>
internal sealed class UnfinishedFiles(string root) : IDisposable
{
    public const string Suffix = ".tmp";
    private const string LockName = "lock";
    private const int Tries = 8;

    private readonly Lock _opening = new();
    private volatile string? _folder;
    private FileStream? _held;
    private long _count;
    private bool _closed;

    /// <summary>Returns a path for a new file that no other writer, here or in another process, has.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public string NewPath() =>
        Path.Combine(FolderOfMine(), Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture) + Suffix);

    /// <summary>Removes what writers that are dead left behind. What cannot be removed is left to the next who opens the store.</summary>
    /// <param name="bound">What is from before this goes also where it cannot be told whether its writer lives.</param>
    /// <param name="isAlone">Whether it is known that no writer lives of a version that kept its files in one folder with those of others.</param>
    public void RemoveDead(DateTime bound, bool isAlone)
    {
        if (!Directory.Exists(root))
        {
            return;
        }

        foreach (string file in Directory.EnumerateFiles(root, "*" + Suffix))
        {
            if (isAlone || File.GetLastWriteTimeUtc(file) < bound)
            {
                Remove(file);
            }
        }

        foreach (string folder in Directory.EnumerateDirectories(root))
        {
            switch (IsDead(Path.Combine(folder, LockName)))
            {
                case true:
                    RemoveFolder(folder);
                    break;
                case null when Directory.GetLastWriteTimeUtc(folder) < bound:
                    RemoveFolder(folder);
                    break;
            }
        }
    }

    /// <summary>Removes a file that is not wanted any more.</summary>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It does no harm where it is, and goes when its writer is dead.
        }
    }

    /// <summary>Lets go of the folder, with what is left in it.</summary>
    public void Dispose()
    {
        lock (_opening)
        {
            _closed = true;
            if (_held is not null)
            {
                _held.Dispose();
                RemoveFolder(_folder!);
            }
        }
    }

    private static void RemoveFolder(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As with a single file.
        }
    }

    /// <summary>Returns whether a lock is free; null where that cannot be told: there is none, or the file system has no locks.</summary>
    private static bool? IsDead(string path)
    {
        FileStream? mine = TryHold(path, FileMode.Open, out bool isHeld);
        if (mine is null)
        {
            return isHeld ? false : null;
        }

        using (mine)
        {
            using FileStream? second = TryHold(path, FileMode.Open, out _);
            return second is null ? true : null;
        }
    }

    private static FileStream? TryHold(string path, FileMode mode, out bool isHeld)
    {
        isHeld = false;
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (FileErrors.IsSharingViolation(error))
        {
            isHeld = true;
            return null;
        }
        catch (Exception error) when (mode == FileMode.Open && error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string FolderOfMine()
    {
        // It may have been removed with the whole store.
        string? folder = _folder;
        return folder is not null && Directory.Exists(folder) ? folder : OpenFolder();
    }

    private string OpenFolder()
    {
        lock (_opening)
        {
            if (_closed)
            {
                throw StoreErrors.Closed();
            }

            if (_folder is not null && Directory.Exists(_folder))
            {
                return _folder;
            }

            _held?.Dispose();
            _held = null;
            for (int left = Tries; _held is null; left--)
            {
                _folder = Path.Combine(root, Guid.NewGuid().ToString("N"));
                Directory.CreateDirectory(_folder);

                // One who opens the store may come between the making of the file and its lock, and take the folder for a dead writer's.
                _held = TryHold(Path.Combine(_folder, LockName), FileMode.CreateNew, out bool isHeld);
                if (_held is null && (!isHeld || left == 0))
                {
                    throw new IOException($"The folder '{_folder}' cannot be locked.");
                }
            }

            return _folder!;
        }
    }
}
