namespace Bitswap.Node.Blockstores;

/// <summary>
/// Keeps the collection of unneeded blocks off those that are in flight: what is put into the store, or fetched out of it, while a lock is held or
/// while a collection runs, is not collected. A put that meets the removal of the same block waits for its end, so that it never finds the block there and then
/// loses it. Thread-safe; free of cost while no lock is held and nothing is collected.
/// </summary>
internal sealed class GcLocker
{
    private readonly Lock _lock = new();
    private readonly HashSet<Multihash> _kept = [];
    private Multihash _removing;
    private TaskCompletionSource? _removed;
    private int _open;
    private volatile bool _isActive;

    /// <summary>Takes a lock.</summary>
    public GcLock Lock()
    {
        Open();
        return new GcLock(this);
    }

    /// <summary>Begins to note what is put; ended by <see cref="Release"/>.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _open++;
            _isActive = true;
        }
    }

    /// <summary>Ends a lock or a collection.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_open == 0)
            {
                _isActive = false;
                _kept.Clear();
            }
        }
    }

    /// <summary>To be awaited before a block is looked for in the store and put there, or read by work that is not to lose it.</summary>
    public ValueTask NotePutAsync(Cid cid) => _isActive ? NoteAsync(cid.Hash) : ValueTask.CompletedTask;

    /// <summary>Returns whether a block may be removed; if so, puts of it wait until <see cref="EndRemoval"/>. One removal at a time.</summary>
    public bool TryBeginRemoval(in Multihash hash)
    {
        lock (_lock)
        {
            if (_kept.Contains(hash))
            {
                return false;
            }

            _removing = hash;
            _removed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>Lets the puts go on that wait.</summary>
    public void EndRemoval()
    {
        lock (_lock)
        {
            _removed?.SetResult();
            _removed = null;
        }
    }

    /// <summary>Returns whether a block was put while a lock was held or a collection ran.</summary>
    public bool IsKept(in Multihash hash)
    {
        lock (_lock)
        {
            return _kept.Contains(hash);
        }
    }

    private ValueTask NoteAsync(in Multihash hash)
    {
        lock (_lock)
        {
            if (_open > 0)
            {
                _kept.Add(hash);
            }

            return _removed is not null && _removing == hash ? new ValueTask(_removed.Task) : ValueTask.CompletedTask;
        }
    }
}

/// <summary>While it is open, no block that is put into the store is collected as unneeded: for work that pins its root only when it is done.</summary>
public sealed class GcLock : IDisposable
{
    private GcLocker? _guard;

    internal GcLock(GcLocker guard) => _guard = guard;

    /// <summary>Lets go. What was put while it was open may be collected from now on, unless it is pinned or another lock is held.</summary>
    public void Dispose() => Interlocked.Exchange(ref _guard, null)?.Release();
}
