using System.Buffers;
using System.Runtime.CompilerServices;
using Bitswap.Multiformats;
using Bitswap.Node.Core;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Blocks as files, laid out as Kubo's flatfs, so that the <c>blocks</c> folder of a Kubo repository can be served as it is. Opening a
/// store that exists writes nothing.
/// </summary>
/// <remarks>
/// <para>A block is written to a file aside, flushed, and renamed: under its name it is whole or absent. .NET cannot flush a folder, so
/// right after a power cut a block just stored may be absent.</para>
/// <para>Every read is checked against the hash. A torn or damaged file is never served: reading it is the error StoreCorrupt, which names
/// the file. The file stays where it is; storing the block again replaces it, removing the block deletes it.</para>
/// <para>Several stores, in one process or many, may work on one folder at the same time. What a writer that died left unfinished goes when the next store is opened
/// there: a lock tells that it is dead. Kubo keeps its own count of the folder's size
/// (<c>diskUsage.cache</c>), which blocks stored or removed here do not change.</para>
/// </remarks>
public sealed partial class FlatFileBlockstore : IBlockstore, IBatchingBlockstore, IOwnedBlockstore
{
    /// <inheritdoc/>
    public bool KeepsData => false;

    private readonly FlatFileLayout _layout;
    private readonly UnfinishedFiles _unfinished;
    private readonly FlatFileOptions _options;
    private readonly BoundedPool _pool;
    private readonly BoundedPool _flushers;

    /// <summary>
    /// Opens a store, or makes one of a folder that is missing or empty, and removes what writers that died left unfinished.
    /// </summary>
    /// <param name="path">The folder that holds, or is to hold, the file <c>SHARDING</c>. The working directory is that of the
    /// process.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <exception cref="BitswapException">StoreFailed: no store can be made there, or it is sharded in an unknown way.</exception>
    public FlatFileBlockstore(string path, FlatFileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _options = options ?? new FlatFileOptions();
        Path = System.IO.Path.GetFullPath(path);
        try
        {
            _layout = FlatFileLayout.OpenOrCreate(Path);
            _unfinished = new UnfinishedFiles(_layout.Unfinished);
            if (!_options.IsReadOnly)
            {
                _unfinished.RemoveDead((_options.Clock.GetUtcNow() - _options.UnfinishedFileAge).UtcDateTime, isAlone: _options.IsOfRepository);
            }
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The block store '{Path}' cannot be opened", Path, error);
        }

        _pool = new BoundedPool(_options.MaxParallelism, StoreErrors.Closed);
        _flushers = new BoundedPool(_options.MaxParallelFlushes, StoreErrors.Closed, ownThreads: true);
        BeginCounting();
    }

    /// <summary>Gets the folder, in full.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    string? IOwnedBlockstore.Owner => StoreOwner.Of(Path, _options.IsOfRepository);

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return _pool.RunAsync(static arguments => arguments.Store.Get(arguments.Cid), (Store: this, Cid: cid), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return _pool.RunAsync(static arguments => arguments.Store.GetSize(arguments.Cid), (Store: this, Cid: cid), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        if (data.Length > _options.MaxBlockSize)
        {
            throw StoreErrors.TooLarge(cid, data.Length, _options.MaxBlockSize);
        }

        if (Quota is { } quota)
        {
            await PutBoundedAsync(quota, cid, data, cancellationToken).ConfigureAwait(false);
            return;
        }

        await _pool.RunAsync(
            static arguments => arguments.Store.Put(arguments.Cid, arguments.Data), (Store: this, Cid: cid, Data: data), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return Quota is { } quota
            ? RemoveCountedAsync(quota, cid, cancellationToken)
            : _pool.RunAsync(static arguments => arguments.Store.Remove(arguments.Cid), (Store: this, Cid: cid), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken) => ListFromAsync(default, cancellationToken);

    IAsyncEnumerable<StoredBlock> IBlockstore.ListAsync(HashPrefix start, CancellationToken cancellationToken) => ListFromAsync(start, cancellationToken);

    private async IAsyncEnumerable<StoredBlock> ListFromAsync(HashPrefix start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string folder in await _pool.RunAsync(static store => store.Folders(), this, cancellationToken).ConfigureAwait(false))
        {
            List<StoredBlock> blocks = await _pool.RunAsync(
                static arguments => arguments.Store.List(arguments.Folder, arguments.Start), (Store: this, Folder: folder, Start: start), cancellationToken)
                .ConfigureAwait(false);
            foreach (StoredBlock block in blocks)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return block;
            }
        }
    }

    /// <summary>Waits for what is under way; later calls are refused. The files stay.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndCountingAsync().ConfigureAwait(false);
        await _flushers.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
        _unfinished.Dispose();
        KeepCount();
    }

    private ReadOnlyMemory<byte>? Get(Cid cid)
    {
        string path = _layout.PathOf(cid.Hash);
        try
        {
            using SafeFileHandle? file = TryOpen(path);
            if (file is null)
            {
                return null;
            }

            long length = RandomAccess.GetLength(file);
            if (length > _options.MaxBlockSize)
            {
                throw StoreErrors.Corrupt(
                    cid, $"the file '{path}'", $"has {length} bytes, more than the {_options.MaxBlockSize} of a block");
            }

            byte[] data = GC.AllocateUninitializedArray<byte>((int)length);
            return Fill(file, data) == data.Length && cid.Hash.Matches(data)
                ? data
                : throw StoreErrors.Corrupt(cid, $"the file '{path}'", $"of {length} bytes does not hash to it");
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The block {cid} cannot be read from '{path}'", cid, error);
        }
    }

    private long? GetSize(Cid cid)
    {
        FileInfo file = new(_layout.PathOf(cid.Hash));
        try
        {
            return file.Exists ? file.Length : null;
        }
        catch (FileNotFoundException)
        {
            // Removed between the two questions.
            return null;
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The block {cid} cannot be looked up at '{file.FullName}'", cid, error);
        }
    }

    private bool Put(Cid cid, ReadOnlyMemory<byte> data)
    {
        string path = _layout.PathOf(cid.Hash);
        try
        {
            if (Holds(path, data.Span))
            {
                return false;
            }

            RefuseReadOnly();
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return Replace(cid, path, data.Span);
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The block {cid} cannot be stored at '{path}'", cid, error);
        }
    }

    // false where another has stored the block at the same time
    private bool Replace(Cid cid, string path, ReadOnlySpan<byte> data)
    {
        string unfinished = _unfinished.NewPath();
        try
        {
            using (SafeFileHandle file = File.OpenHandle(
                unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, preallocationSize: data.Length))
            {
                RandomAccess.Write(file, data, 0);
                if (_options.FlushToDisk)
                {
                    _options.Flush(file);
                }
            }

            Rename(cid.Hash, unfinished, path, data.Length);
            return true;
        }
        catch (Exception error) when (IsFileError(error))
        {
            UnfinishedFiles.Remove(unfinished);

            // Windows lets no file be replaced that another has just renamed there or reads: if that one is the block, all is well.
            if (!Holds(path, data))
            {
                throw;
            }

            return false;
        }
    }

    private bool Remove(Cid cid)
    {
        string path = _layout.PathOf(cid.Hash);
        try
        {
            return Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The block {cid} cannot be removed from '{path}'", cid, error);
        }
    }

    private string[] Folders()
    {
        try
        {
            return [.. _layout.Folders()];
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The block store '{Path}' cannot be listed", Path, error);
        }
    }

    private List<StoredBlock> List(string folder, HashPrefix start)
    {
        try
        {
            List<StoredBlock> blocks = [];
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles(FlatFileLayout.FilesOf(start)))
            {
                if (_layout.TryGetHash(file.FullName, out Multihash hash) && start.Matches(hash) && TryGetLength(file, out long length))
                {
                    blocks.Add(new StoredBlock(Cid.CreateV1(Multicodec.Raw, hash), length));
                }
            }

            return blocks;
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The folder '{folder}' of the block store cannot be listed", Path, error);
        }
    }

    private static bool TryGetLength(FileInfo file, out long length)
    {
        try
        {
            length = file.Length;
            return true;
        }
        catch (FileNotFoundException)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Returns whether a file has just this content. Compared in full, for a corrupt file of the right length is to be replaced.</summary>
    private static bool Holds(string path, ReadOnlySpan<byte> data)
    {
        using SafeFileHandle? file = TryOpen(path);
        if (file is null || RandomAccess.GetLength(file) != data.Length)
        {
            return false;
        }

        byte[] content = ArrayPool<byte>.Shared.Rent(data.Length);
        try
        {
            return Fill(file, content.AsSpan(0, data.Length)) == data.Length && data.SequenceEqual(content.AsSpan(0, data.Length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    /// <summary>Opens a file so that others may replace and delete it while it is open; null when there is none.</summary>
    private static SafeFileHandle? TryOpen(string path)
    {
        // Most look-ups miss, and an exception costs more than asking first.
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static int Fill(SafeFileHandle file, Span<byte> destination)
    {
        int filled = 0;
        while (filled < destination.Length)
        {
            int count = RandomAccess.Read(file, destination[filled..], filled);
            if (count == 0)
            {
                break;
            }

            filled += count;
        }

        return filled;
    }

    private void RefuseReadOnly()
    {
        if (_options.IsReadOnly)
        {
            throw StoreErrors.ReadOnly(Path);
        }
    }

    private static bool IsFileError(Exception error) => error is IOException or UnauthorizedAccessException or NotSupportedException;
}
