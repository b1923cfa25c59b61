namespace Bitswap.Node.Blockstores;

/// <summary>
/// Many blocks for a <see cref="FlatFileBlockstore"/>. They are written aside as they come, and group by group flushed to the disk and then
/// given their names: while one group is flushed, the next is written.
/// </summary>
/// <remarks>
/// <para>The promise of the store holds as for single blocks: under its name a block is whole or absent, also after a power cut. What a
/// crash leaves is unfinished files, which go when the store is opened again, and the groups before.</para>
/// <para>A block can be read from the store once its group is named: <see cref="CompleteAsync"/> names all. Blocks may be put by several tasks
/// at once; <see cref="CompleteAsync"/> and <see cref="DisposeAsync"/> are for when no put is under way.</para>
/// </remarks>
internal sealed class FlatFileBatch : IBlockBatch
{
    /// <summary>The bytes that a disk writes in about a second, and that are lost of work when one group fails.</summary>
    private const long GroupBytes = 64 * 1024 * 1024;
    private const int GroupBlocks = 1024;

    private readonly FlatFileBlockstore _store;
    private readonly Func<IReadOnlyList<Item>, CancellationToken, ValueTask> _named;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _oneCommit = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Multihash> _unnamed = [];
    private List<Item> _group = [];
    private long _groupBytes;
    private Exception? _failure;

    public FlatFileBatch(FlatFileBlockstore store, Func<IReadOnlyList<Item>, CancellationToken, ValueTask> named)
    {
        _store = store;
        _named = named;
    }

    /// <summary>Takes a block. The data is the caller's again when the task completes.</summary>
    /// <exception cref="BitswapException">StoreFailed, BlockTooLarge; StoreFailed also where a group that was taken before could not be
    /// stored.</exception>
    public async ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        lock (_lock)
        {
            if (!_unnamed.Add(cid.Hash))
            {
                return;
            }
        }

        Item item;
        try
        {
            item = new Item(cid, data.Length, await _store.WriteAsideAsync(cid, data, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            Forget(cid);
            throw;
        }

        if (Add(item) is { } full)
        {
            await BeginCommitAsync(full, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stores all that was taken; when it returns, every block is in the store and on its disk.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        List<Item> rest;
        lock (_lock)
        {
            rest = TakeGroup();
        }

        await BeginCommitAsync(rest, cancellationToken).ConfigureAwait(false);
        await _oneCommit.WaitAsync(cancellationToken).ConfigureAwait(false);
        _oneCommit.Release();
        ThrowIfFailed();
    }

    /// <summary>Stops what is under way, and drops what has no name yet.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _oneCommit.WaitAsync().ConfigureAwait(false);
        _store.DropAside(TakeGroup());
        _oneCommit.Dispose();
        _stop.Dispose();
    }

    private List<Item>? Add(Item item)
    {
        lock (_lock)
        {
            _group.Add(item);
            _groupBytes += item.Unfinished is null ? 0 : item.Size;
            return _groupBytes >= GroupBytes || _group.Count >= GroupBlocks ? TakeGroup() : null;
        }
    }

    private List<Item> TakeGroup()
    {
        List<Item> group = _group;
        _group = [];
        _groupBytes = 0;
        return group;
    }

    /// <summary>Waits for the commit before this one, so that a disk slower than its writers slows them down.</summary>
    private async ValueTask BeginCommitAsync(List<Item> group, CancellationToken cancellationToken)
    {
        try
        {
            await _oneCommit.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _store.DropAside(group);
            throw;
        }

        _ = CommitAsync(group);
    }

    private async Task CommitAsync(List<Item> group)
    {
        try
        {
            await _store.FlushAsync(group, _stop.Token).ConfigureAwait(false);
            await _store.NameAsync(group, _stop.Token).ConfigureAwait(false);
            await _named(group, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Told to the caller that puts or completes next. What has its name already is no longer there to be dropped.
            Interlocked.CompareExchange(ref _failure, error, null);
            _store.DropAside(group);
        }
        finally
        {
            foreach (Item item in group)
            {
                Forget(item.Cid);
            }

            _oneCommit.Release();
        }
    }

    private void Forget(Cid cid)
    {
        lock (_lock)
        {
            _unnamed.Remove(cid.Hash);
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }
    }

    /// <summary>A block that was taken.</summary>
    /// <param name="Cid">Its CID.</param>
    /// <param name="Size">Its bytes.</param>
    /// <param name="Unfinished">Where it was written aside; null when the store had it.</param>
    internal readonly record struct Item(Cid Cid, int Size, string? Unfinished);
}
