using Bitswap.Node.Core;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Knows how many bytes of blocks a store of flat files holds, and holds them to a bound: room is reserved before a block is written, and what finds none waits until a collection
/// has made it, or has found that it cannot. Thread-safe.
/// </summary>
/// <remarks>
/// What counts is the bytes of the blocks, those included that are being written. What is there is counted once, when the store is opened; until then writes wait. A file beside the store
/// keeps the count for the next time, with the times of the store's folders: where one of them has another time, the store was changed otherwise and is counted anew.
/// </remarks>
internal sealed class StoreQuota
{
    private const int Stripes = 64;

    private readonly Lock _lock = new();
    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];
    private readonly LinkedList<Waiter> _waiting = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly TaskCompletionSource _counted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _high;
    private readonly long _low;
    private long _stored;
    private long _reserved;
    private long _blocks;
    private long _peak;
    private long _waitingBytes;
    private long _storedSince;
    private Func<Cid, long, BitswapException>? _hopeless;
    private BitswapException? _closed;

    /// <summary>Makes a bound.</summary>
    /// <param name="max">The bytes that the store may hold.</param>
    /// <param name="high">Percent of these beyond which blocks are collected.</param>
    /// <param name="low">Percent of these that are left then.</param>
    public StoreQuota(long max, int high, int low)
    {
        Max = max;
        _high = (long)(max / 100.0 * high);
        _low = (long)(max / 100.0 * low);
    }

    /// <summary>Gets the bytes that the store may hold.</summary>
    public long Max { get; }

    /// <summary>Gets or sets where the count is kept for the next time; null for nowhere.</summary>
    public string? CountFile { get; init; }

    /// <summary>Gets the order in which blocks were used.</summary>
    public UseOrder Uses { get; } = new();

    /// <summary>Ends when it is known what the store holds.</summary>
    public Task Counted => _counted.Task;

    /// <summary>Gets the bytes stored.</summary>
    public long StoredBytes => Read(ref _stored);

    /// <summary>Gets the blocks stored.</summary>
    public long StoredBlocks => Read(ref _blocks);

    /// <summary>Gets the bytes that are being written.</summary>
    public long ReservedBytes => Read(ref _reserved);

    /// <summary>Gets the most bytes that were stored or being written at any time.</summary>
    public long PeakBytes => Read(ref _peak);

    /// <summary>Gets whether there is more than the high water, or something waits for room.</summary>
    public bool IsDue
    {
        get
        {
            lock (_lock)
            {
                return _stored + _reserved > _high || _waiting.Count > 0;
            }
        }
    }

    /// <summary>Gets how many bytes must go until there is no more than the low water, and room for what waits.</summary>
    public long Excess
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(0, _stored + _reserved - Math.Min(_low, Math.Max(0, Max - _waitingBytes)));
            }
        }
    }

    /// <summary>Gets the lock of the file of a block, within which it is put in its place or removed.</summary>
    public Lock StripeOf(string path) => _stripes[(uint)path.GetHashCode(StringComparison.Ordinal) % Stripes];

    /// <summary>Says what the store holds. Once, before anything is reserved.</summary>
    public void Begin(long bytes, long blocks)
    {
        lock (_lock)
        {
            (_stored, _blocks) = (bytes, blocks);
            _peak = Math.Max(_peak, bytes);
        }

        _counted.TrySetResult();
        Nudge();
    }

    /// <summary>Says that it cannot be known what the store holds: nothing can be written.</summary>
    public void Fail(BitswapException failure)
    {
        _counted.TrySetException(failure);
        _ = _counted.Task.Exception;
    }

    /// <summary>Reserves room, where there is some.</summary>
    public bool TryReserve(long bytes)
    {
        lock (_lock)
        {
            if (_closed is not null || _waiting.Count > 0 || !Fits(bytes))
            {
                return false;
            }

            Take(bytes);
        }

        NudgeIfDue();
        return true;
    }

    /// <summary>Reserves room, and waits until there is some.</summary>
    /// <exception cref="BitswapException"><c>StoreFull</c>: nothing more can be collected.</exception>
    public async ValueTask ReserveAsync(Cid cid, long bytes, CancellationToken cancellationToken)
    {
        if (TryReserve(bytes))
        {
            return;
        }

        LinkedListNode<Waiter> waiter;
        lock (_lock)
        {
            if (_closed is not null)
            {
                throw _closed;
            }

            // what was stored since it was found that nothing can go may go
            if (_storedSince >= bytes)
            {
                _hopeless = null;
            }

            if (bytes > Max || _hopeless is not null)
            {
                throw _hopeless?.Invoke(cid, bytes) ?? StoreErrors.RepositoryFull(cid, bytes, _stored + _reserved, Max, "It is larger than the bound itself.", isOfWork: true);
            }

            waiter = _waiting.AddLast(new Waiter(cid, bytes));
            _waitingBytes += bytes;
            Grant();
        }

        Nudge();
        try
        {
            await waiter.Value.Granted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            GiveUp(waiter);
            throw;
        }
    }

    /// <summary>Gives room back that was reserved and not used.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _reserved -= bytes;
            Grant();
        }
    }

    /// <summary>Notes that what was reserved is stored.</summary>
    /// <param name="hash">The block.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="replaced">The bytes of the file that was there; null where none was.</param>
    public void Stored(in Multihash hash, long bytes, long? replaced)
    {
        lock (_lock)
        {
            _reserved -= bytes;
            _stored += bytes - (replaced ?? 0);
            _blocks += replaced is null ? 1 : 0;
            _storedSince += bytes;
            _peak = Math.Max(_peak, _stored + _reserved);
        }

        Uses.Note(hash);
    }

    /// <summary>Notes that a block was removed.</summary>
    public void Removed(long bytes)
    {
        lock (_lock)
        {
            _stored -= bytes;
            _blocks--;
            _hopeless = null;
            Grant();
        }
    }

    /// <summary>Waits until there is something to collect.</summary>
    public async Task WaitForWorkAsync(CancellationToken cancellationToken)
    {
        await _counted.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        do
        {
            await _work.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (!IsDue);
    }

    /// <summary>Has it looked again whether there is something to collect: what could not go before may go now.</summary>
    public void Retry()
    {
        lock (_lock)
        {
            _hopeless = null;
        }

        Nudge();
    }

    /// <summary>Refuses what waits for room, and what finds none until <see cref="Retry"/> or something is removed.</summary>
    /// <param name="refusal">Makes the error of a block of so many bytes.</param>
    public void Refuse(Func<Cid, long, BitswapException> refusal)
    {
        lock (_lock)
        {
            Grant();
            _hopeless = refusal;
            _storedSince = 0;
            FailWaiting(waiter => refusal(waiter.Cid, waiter.Bytes));
        }
    }

    /// <summary>Ends all waiting.</summary>
    public void Close(BitswapException reason)
    {
        lock (_lock)
        {
            _closed = reason;
            FailWaiting(_ => reason);
        }
    }

    private static void Fail(Waiter waiter, BitswapException failure)
    {
        waiter.Granted.TrySetException(failure);

        // who waited may have given up
        _ = waiter.Granted.Task.Exception;
    }

    private long Read(ref long value)
    {
        lock (_lock)
        {
            return value;
        }
    }

    private bool Fits(long bytes) => _counted.Task.IsCompletedSuccessfully && _stored + _reserved + bytes <= Max;

    private void Take(long bytes)
    {
        _reserved += bytes;
        _peak = Math.Max(_peak, _stored + _reserved);
    }

    // in the order in which they came, so that a large block is not passed by small ones for ever
    private void Grant()
    {
        while (_waiting.First is { } first && Fits(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            _waitingBytes -= first.Value.Bytes;
            Take(first.Value.Bytes);
            first.Value.Granted.TrySetResult();
        }
    }

    private void GiveUp(LinkedListNode<Waiter> waiter)
    {
        lock (_lock)
        {
            if (waiter.List is not null)
            {
                _waiting.Remove(waiter);
                _waitingBytes -= waiter.Value.Bytes;
            }
            else if (waiter.Value.Granted.Task.IsCompletedSuccessfully)
            {
                _reserved -= waiter.Value.Bytes;
            }

            Grant();
        }
    }

    private void FailWaiting(Func<Waiter, BitswapException> reason)
    {
        foreach (Waiter waiter in _waiting)
        {
            Fail(waiter, reason(waiter));
        }

        _waiting.Clear();
        _waitingBytes = 0;
    }

    private void NudgeIfDue()
    {
        bool isDue;
        lock (_lock)
        {
            isDue = _hopeless is null && IsDue;
        }

        if (isDue)
        {
            Nudge();
        }
    }

    private void Nudge()
    {
        lock (_lock)
        {
            if (_work.CurrentCount == 0)
            {
                _work.Release();
            }
        }
    }

    private sealed record Waiter(Cid Cid, long Bytes)
    {
        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
