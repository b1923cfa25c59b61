using System.Security.Cryptography;
using System.Text;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>
/// The folder beside the target in which a save is put together. It is named after what is saved, so that the next try finds what this one
/// leaves; a lock in it keeps a second one out.
/// </summary>
internal sealed class PartialSave : IDisposable
{
    private const string LockName = "lock";
    private const string Suffix = ".part";
    private const int NameBytes = 8;
    private readonly FileStream _lock;
    private readonly bool _resumed;

    private PartialSave(string folder, FileStream held)
    {
        Folder = folder;
        _lock = held;
        Content = Path.Combine(folder, "content");
        _resumed = Disk.At(Content) != FileKind.None;
        IgnoresCase = File.Exists(Path.Combine(folder, LockName.ToUpperInvariant()));
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Where what is saved is put together.</summary>
    public string Content { get; }

    /// <summary>Whether names that differ only in case are one name there.</summary>
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
    /// The folder of a save: one that this user made and that nobody else may write to. Where others may make folders, somebody else may have made one of the usual
    /// name; then it gets a name that nobody can know before.
    /// </summary>
    private static string OwnFolder(string destination, string name)
    {
        string usual = Path.Combine(destination, name + Suffix);
        if (Disk.At(usual) == FileKind.None)
        {
            Make(usual);
        }

        // looked at also where it was just made: somebody else may have been quicker
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

    /// <summary>Where an entry is put.</summary>
    public string PathOf(string relative) =>
        relative.Length == 0 ? Content : Path.Combine(Content, relative.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>
    /// The block of an item, made of the bytes that an earlier save left; null where these are not there or are others. What is made hashes to
    /// the item's CID.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>?> RecoverAsync(ReadItem item, CancellationToken cancellationToken)
    {
        if (!_resumed || item is not IFileBytes bytes)
        {
            return null;
        }

        FileItem? part = item as FileItem;
        long? size = part?.Size;
        if (size > Blocks.MaxSize)
        {
            return null;
        }

        byte[]? data = await ReadAsync(PathOf(bytes.Owner.RelativePath), part?.Offset ?? 0, size, cancellationToken).ConfigureAwait(false);
        if (data is null)
        {
            return null;
        }

        foreach (ReadOnlyMemory<byte> block in Blocks.Of(item.Cid, data))
        {
            if (item.Cid.Hash.Matches(block.Span))
            {
                return block;
            }
        }

        return null;
    }

    /// <summary>The bytes of the files that an earlier save, or this one, has put together; holes in them count as if they were filled.</summary>
    public long Size() => Disk.At(Content) switch
    {
        FileKind.File => new FileInfo(Content).Length,
        FileKind.Directory => new DirectoryInfo(Content).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(file => file.Length),
        _ => 0,
    };

    /// <summary>Removes the folder and all that is in it.</summary>
    public void Remove()
    {
        _lock.Dispose();
        Disk.Remove(Folder);
    }

    /// <summary>Removes the folder if nothing has been put into it.</summary>
    public void RemoveIfEmpty()
    {
        if (Disk.At(Content) == FileKind.None)
        {
            Remove();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static async ValueTask<byte[]?> ReadAsync(string path, long offset, long? size, CancellationToken cancellationToken)
    {
        // one that is not to be read has been finished and dressed: it is made again
        if (Disk.At(path) != FileKind.File || !(OperatingSystem.IsWindows() || File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserRead)))
        {
            return null;
        }

        using Microsoft.Win32.SafeHandles.SafeFileHandle file =
            File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        long length = RandomAccess.GetLength(file);
        long wanted = size ?? length;
        if (wanted > Blocks.MaxSize || offset + wanted > length)
        {
            return null;
        }

        byte[] data = new byte[wanted];
        for (int read = 0; read < data.Length;)
        {
            int more = await RandomAccess.ReadAsync(file, data.AsMemory(read), offset + read, cancellationToken).ConfigureAwait(false);
            if (more == 0)
            {
                return null;
            }

            read += more;
        }

        return data;
    }

    /// <summary>The blocks that bytes of a file can be the data of.</summary>
    private static class Blocks
    {
        /// <summary>More than a message of Bitswap holds is in no block.</summary>
        public const long MaxSize = 4 << 20;

        public static IEnumerable<ReadOnlyMemory<byte>> Of(Cid cid, byte[] data)
        {
            if (cid.Codec == Multicodec.Raw)
            {
                yield return data;
            }
            else if (cid.Codec == Multicodec.DagPb)
            {
                foreach (UnixFsType type in (UnixFsType[])[UnixFsType.File, UnixFsType.Raw])
                {
                    UnixFsData leaf = new() { Type = type, Data = data, FileSize = (ulong)data.Length };
                    yield return new DagPbNode([], leaf.Encode()).ToByteArray();
                }
            }
        }
    }
}
