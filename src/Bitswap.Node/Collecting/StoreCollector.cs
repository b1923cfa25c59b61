using System.Globalization;
using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Collecting;

/// <summary>
/// Keeps a repository within its bound: once it holds more than the high water, blocks that are neither pinned nor in flight are removed, one by one and beside all other work, until it is down to the low
/// water. What no room can be made for is refused.
/// </summary>
/// <remarks>
/// A collection finds out what the pins need, lists the store, chooses (<see cref="CollectionPlan"/>) and removes. Pins may change at any time: a pin that comes while it goes on is of blocks that were
/// noted first (<c>PinWalk</c>), which no collection takes, and one that goes is found by the next collection. A process that is killed leaves what was not yet removed, and nothing in part.
/// </remarks>
internal sealed class StoreCollector : IAsyncDisposable
{
    /// <summary>After how many collections in a row that removed nothing what waits is refused, whatever has changed since.</summary>
    private const int MaxFruitless = 2;

    private static readonly TimeSpan _retryTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _minPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _maxPause = TimeSpan.FromSeconds(10);

    private readonly FlatFileBlockstore _store;
    private readonly StoreQuota _quota;
    private readonly PinnedBlocks _pinned;
    private readonly GcLocker _guard;
    private readonly Func<Cid, CancellationToken, ValueTask<bool>> _remove;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly ITimer _retry;
    private readonly Task _running;
    private StorageStat _stat;
    private bool _isBroken;
    private int _fruitless;
    private long _ended;
    private TaskCompletionSource? _pause;
    private volatile bool _isAnyHeld;
    private int _pinChanges;
    private int _releases;

    /// <summary>Begins to look after a store.</summary>
    /// <param name="store">The store; it has a bound.</param>
    /// <param name="pinned">Says what the pins need.</param>
    /// <param name="added">Which blocks were added.</param>
    /// <param name="guard">Says what is in flight.</param>
    /// <param name="remove">Removes a block, and tells who needs to know.</param>
    /// <param name="clock">By which times are told.</param>
    /// <param name="log">Told what is done.</param>
    public StoreCollector(
        FlatFileBlockstore store, PinnedBlocks pinned, AddedBlocks added, GcLocker guard, Func<Cid, CancellationToken, ValueTask<bool>> remove, TimeProvider clock, ILogger log)
    {
        _store = store;
        _quota = store.Quota ?? throw new ArgumentException("The store has no bound.", nameof(store));
        _pinned = pinned;
        Added = added;
        _guard = guard;
        _remove = remove;
        _clock = clock;
        _log = log;
        _stat = new StorageStat(null, null, _quota.Max);
        guard.Released = Released;
        _retry = clock.CreateTimer(_ => _quota.Retry(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Gets which blocks were added.</summary>
    public AddedBlocks Added { get; }

    /// <summary>Gets what there is and was collected.</summary>
    public StorageStat Stat
    {
        get
        {
            lock (_lock)
            {
                // what fell short does so until there is room again
                StorageStat stat = _isBroken || _quota.IsDue ? _stat : _stat with { Failure = null };
                return _quota.Counted.IsCompletedSuccessfully ? stat with { Bytes = _quota.StoredBytes, Blocks = _quota.StoredBlocks } : stat;
            }
        }
    }

    /// <summary>Looks again at once: pins have gone, and what could not be collected before may be now.</summary>
    public void Retry()
    {
        Interlocked.Increment(ref _pinChanges);
        lock (_lock)
        {
            _fruitless = 0;
            _pause?.TrySetResult();
        }

        _quota.Retry();
    }

    /// <summary>Notes that a block was read.</summary>
    public void NoteUse(Cid cid) => _quota.Uses.Note(cid.Hash);

    /// <summary>Ends a collection between two blocks, and refuses what waits for room.</summary>
    public async ValueTask DisposeAsync()
    {
        _quota.Close(NodeErrors.Stopped());
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _retry.DisposeAsync().ConfigureAwait(false);
        _guard.Released = null;
        Added.Flush();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _quota.WaitForWorkAsync(_stop.Token).ConfigureAwait(false);
                await PauseAsync().ConfigureAwait(false);
                await CollectAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node stops.
        }
        catch (BitswapException stopped) when (stopped.ErrorId == NodeErrorIds.NodeStopped)
        {
            // It stops, and this was in the middle of a collection.
            _quota.Close(stopped);
        }
        catch (Exception failure)
        {
            // All that waits for room, or finds none from now on, is told.
            _log.CollectorFailed(failure);
            string reason = $"The collection of blocks has failed: {failure.Message}";
            lock (_lock)
            {
                (_stat, _isBroken) = (_stat with { Failure = reason }, true);
            }

            _quota.Close(failure as BitswapException ?? StoreErrors.Failed("The repository cannot be kept within StorageMax", _store.Path, failure));
        }
    }

    // what a lock kept may be just what there was no room for
    private void Released()
    {
        Interlocked.Increment(ref _releases);
        if (_isAnyHeld)
        {
            _quota.Retry();
        }
    }

    // to walk all pins and list the store again and again for nothing would keep the disk from other work
    private async Task PauseAsync()
    {
        TaskCompletionSource pause = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TimeSpan left;
        lock (_lock)
        {
            left = _fruitless == 0 ? TimeSpan.Zero : PauseAfter(_fruitless) - _clock.GetElapsedTime(_ended);
            _pause = pause;
        }

        if (left > TimeSpan.Zero)
        {
            // ends with the time, or when pins go
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            await Task.WhenAny(pause.Task, Task.Delay(left, _clock, end.Token)).ConfigureAwait(false);
            await end.CancelAsync().ConfigureAwait(false);
            _stop.Token.ThrowIfCancellationRequested();
        }
    }

    private static TimeSpan PauseAfter(int fruitless) => fruitless > 7 ? _maxPause : TimeSpan.FromTicks(Math.Min(_minPause.Ticks << (fruitless - 1), _maxPause.Ticks));

    private async Task CollectAsync()
    {
        CollectionRun run = new();
        _isAnyHeld = false;
        int pinChanges = Volatile.Read(ref _pinChanges);
        int releases = Volatile.Read(ref _releases);
        string? failure = null;
        LinkedListNode<long> opened = _guard.Open();
        try
        {
            HashSet<Multihash> needed = await _pinned.FindAsync(force: false, _stop.Token).ConfigureAwait(false);
            CollectionPlan plan = new(_quota.Excess);
            await ListAsync(needed, plan, run).ConfigureAwait(false);
            await RemoveAsync(plan.Take(), run).ConfigureAwait(false);
        }
        catch (BitswapException error) when (error.ErrorId is NodeErrorIds.PinIncomplete or NodeErrorIds.StoreFailed)
        {
            failure = error.ErrorId == NodeErrorIds.PinIncomplete ? $"Nothing can be collected: {error.Message}" : $"The collection of blocks ended: {error.Message}";
        }
        finally
        {
            // pins that went since, and locks if any kept something, are looked at once more before anything is refused
            run.IsOutdated = Volatile.Read(ref _pinChanges) != pinChanges || (run.HeldBytes > 0 && Volatile.Read(ref _releases) != releases);
            _guard.Release(opened);
        }

        End(run, failure);
    }

    private async Task ListAsync(HashSet<Multihash> needed, CollectionPlan plan, CollectionRun run)
    {
        (HashSet<ulong> added, int read) = Added.Read();
        HashSet<ulong> left = [];
        await foreach (FlatFileBlockstore.TimedBlock block in _store.ListTimedAsync(_stop.Token).ConfigureAwait(false))
        {
            ulong key = UseOrder.KeyOf(block.Hash);
            if (needed.Contains(block.Hash))
            {
                run.PinnedBytes += block.Size;
                continue;
            }

            bool isAdded = added.Contains(key);
            if (isAdded)
            {
                left.Add(key);
            }

            if (_guard.IsKept(block.Hash))
            {
                run.HeldBytes += block.Size;
                continue;
            }

            plan.Add(new CollectionCandidate(block.Hash, block.Size, isAdded, _quota.Uses.Of(block.Hash), block.Written));
        }

        Added.Keep(left, read);
    }

    private async Task RemoveAsync(IReadOnlyList<CollectionCandidate> candidates, CollectionRun run)
    {
        foreach (CollectionCandidate candidate in candidates)
        {
            _stop.Token.ThrowIfCancellationRequested();
            if (_quota.Excess == 0)
            {
                return;
            }

            // one that was used since stays for now
            if (_quota.Uses.Of(candidate.Hash) != candidate.Use || !_guard.TryBeginRemoval(candidate.Hash))
            {
                run.Skipped++;
                continue;
            }

            try
            {
                if (await _remove(Cid.CreateV1(Multicodec.Raw, candidate.Hash), CancellationToken.None).ConfigureAwait(false))
                {
                    run.Blocks++;
                    run.Bytes += candidate.Size;
                    run.AddedBlocks += candidate.IsAdded ? 1 : 0;
                    run.AddedBytes += candidate.IsAdded ? candidate.Size : 0;
                }
            }
            finally
            {
                _guard.EndRemoval(candidate.Hash);
            }
        }
    }

    private void End(CollectionRun run, string? failure)
    {
        bool isFruitless = run.Blocks == 0 && _quota.IsDue;

        // what is being written is of work under way too, and is not listed yet
        long held = run.HeldBytes + _quota.ReservedBytes;
        lock (_lock)
        {
            _ended = _clock.GetTimestamp();
            _fruitless = isFruitless ? _fruitless + 1 : 0;
            if (failure is null && isFruitless && (_fruitless >= MaxFruitless || (!run.IsOutdated && run.Skipped == 0)))
            {
                failure = string.Create(CultureInfo.InvariantCulture, $"Nothing can be collected: {run.PinnedBytes:N0} bytes are pinned, and {held:N0} are held by work under way.");
            }

            _stat = _stat with
            {
                Collections = _stat.Collections + 1,
                LastCollection = _clock.GetUtcNow(),
                BlocksCollected = _stat.BlocksCollected + run.Blocks,
                BytesCollected = _stat.BytesCollected + run.Bytes,
                AddedBlocksCollected = _stat.AddedBlocksCollected + run.AddedBlocks,
                Failure = failure,
            };
        }

        _isAnyHeld = run.HeldBytes > 0;
        if (run.Blocks > 0)
        {
            _log.Collected(run.Blocks, run.Bytes, _quota.StoredBytes, _quota.Max);
        }

        if (run.AddedBlocks > 0)
        {
            _log.CollectedAdded(run.AddedBlocks, run.AddedBytes);
        }

        if (failure is not null)
        {
            _log.CollectionFellShort(failure);
            _quota.Refuse((cid, size) => StoreErrors.RepositoryFull(cid, size, _quota.StoredBytes + _quota.ReservedBytes, _quota.Max, failure, isOfWork: held > run.PinnedBytes));
            _retry.Change(_retryTime, Timeout.InfiniteTimeSpan);
        }
        else
        {
            // There may be more to do; where there is not, this is of no effect.
            _quota.Retry();
        }
    }

    private sealed class CollectionRun
    {
        public long Blocks { get; set; }

        public long Bytes { get; set; }

        public long AddedBlocks { get; set; }

        public long AddedBytes { get; set; }

        public bool IsOutdated { get; set; }

        public long Skipped { get; set; }

        public long PinnedBytes { get; set; }

        public long HeldBytes { get; set; }
    }
}
