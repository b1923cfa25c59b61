using Microsoft.Win32.SafeHandles;

namespace Bitswap.Node.Blockstores;

/// <content>What a <see cref="FlatFileBatch"/> does to the files.</content>
public sealed partial class FlatFileBlockstore
{
    /// <summary>Begins to store many blocks, which cost a fraction of what they cost one by one.</summary>
    /// <param name="named">Told of each group of blocks once they can be read.</param>
    internal FlatFileBatch BeginBatch(Func<IReadOnlyList<FlatFileBatch.Item>, CancellationToken, ValueTask> named) => new(this, named);

    /// <inheritdoc/>
    IBlockBatch IBatchingBlockstore.BeginBatch(Func<IReadOnlyList<(Cid Cid, int Size)>, CancellationToken, ValueTask> stored) =>
        BeginBatch((items, cancellationToken) => stored([.. items.Select(item => (item.Cid, item.Size))], cancellationToken));

    /// <summary>Writes a block aside, without flushing it; null when the store has it already.</summary>
    internal ValueTask<string?> WriteAsideAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (data.Length > _options.MaxBlockSize)
        {
            throw StoreErrors.TooLarge(cid, data.Length, _options.MaxBlockSize);
        }

        return Quota is { } quota ? WriteAsideBoundedAsync(quota, cid, data, cancellationToken) : _pool.RunAsync(
            static arguments => arguments.Store.WriteAside(arguments.Cid, arguments.Data.Span), (Store: this, Cid: cid, Data: data), cancellationToken);
    }

    /// <summary>Puts files that were written aside on the disk itself, if this store flushes at all.</summary>
    internal async ValueTask FlushAsync(IReadOnlyList<FlatFileBatch.Item> items, CancellationToken cancellationToken)
    {
        FlatFileBatch.Item[] written = [.. items.Where(item => item.Unfinished is not null)];
        if (!_options.FlushToDisk || written.Length == 0)
        {
            return;
        }

        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(written.Length, _options.MaxParallelFlushes)).Select(_ =>
            _flushers.RunAsync(FlushShare, written, cancellationToken).AsTask())).ConfigureAwait(false);

        bool FlushShare(FlatFileBatch.Item[] files)
        {
            for (int i = Interlocked.Increment(ref next); i < files.Length; i = Interlocked.Increment(ref next))
            {
                cancellationToken.ThrowIfCancellationRequested();
                FlushAside(files[i].Cid, files[i].Unfinished!);
            }

            return true;
        }
    }

    /// <summary>Gives files that were written aside their names, in their order.</summary>
    internal async ValueTask NameAsync(IReadOnlyList<FlatFileBatch.Item> items, CancellationToken cancellationToken) =>
        await _pool.RunAsync(static arguments => arguments.Store.Name(arguments.Items), (Store: this, Items: items), cancellationToken).ConfigureAwait(false);

    /// <summary>Removes files that were written aside and are not wanted any more.</summary>
    internal void DropAside(IReadOnlyList<FlatFileBatch.Item> items)
    {
        foreach (FlatFileBatch.Item item in items)
        {
            // one that has its name is no longer there
            if (item.Unfinished is not null && File.Exists(item.Unfinished))
            {
                RemoveAside(item.Unfinished, item.Size);
            }
        }
    }

    private void RemoveAside(string unfinished, long size)
    {
        UnfinishedFiles.Remove(unfinished);
        Quota?.Release(size);
    }

    private string? WriteAside(Cid cid, ReadOnlySpan<byte> data)
    {
        string? unfinished = null;
        try
        {
            if (Holds(_layout.PathOf(cid.Hash), data))
            {
                return null;
            }

            RefuseReadOnly();
            unfinished = _unfinished.NewPath();
            using SafeFileHandle file = File.OpenHandle(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            RandomAccess.Write(file, data, 0);
            return unfinished;
        }
        catch (Exception error) when (IsFileError(error))
        {
            if (unfinished is not null)
            {
                UnfinishedFiles.Remove(unfinished);
            }

            throw StoreErrors.Failed($"The block {cid} cannot be stored in '{Path}'", cid, error);
        }
    }

    private void FlushAside(Cid cid, string unfinished)
    {
        try
        {
            // Windows flushes only what may be written to
            using SafeFileHandle file = File.OpenHandle(unfinished, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            _options.Flush(file);
        }
        catch (Exception error) when (IsFileError(error))
        {
            throw StoreErrors.Failed($"The block {cid} cannot be flushed to the disk at '{unfinished}'", cid, error);
        }
    }

    private bool Name(IReadOnlyList<FlatFileBatch.Item> items)
    {
        HashSet<string> folders = [];
        foreach ((Cid cid, int size, string? unfinished) in items)
        {
            if (unfinished is null)
            {
                continue;
            }

            string path = _layout.PathOf(cid.Hash);
            try
            {
                string folder = System.IO.Path.GetDirectoryName(path)!;
                if (folders.Add(folder))
                {
                    Directory.CreateDirectory(folder);
                }

                MoveOver(cid, unfinished, path, size);
            }
            catch (Exception error) when (IsFileError(error))
            {
                throw StoreErrors.Failed($"The block {cid} cannot be stored at '{path}'", cid, error);
            }
        }

        return true;
    }

    private void MoveOver(Cid cid, string unfinished, string path, int size)
    {
        try
        {
            Rename(cid.Hash, unfinished, path, size);
        }
        catch (Exception error) when (IsFileError(error) && File.Exists(path))
        {
            // Windows lets no file be replaced that another has just renamed there or reads: if that one is the block, all is well.
            if (!cid.Hash.Matches(File.ReadAllBytes(path)))
            {
                throw;
            }

            RemoveAside(unfinished, size);
        }
    }
}
