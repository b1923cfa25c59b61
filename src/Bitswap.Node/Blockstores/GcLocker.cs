namespace Bitswap.Node.Blockstores;

/// <summary>
/// Keeps the collection of unneeded blocks off those that are in flight: what is put into the store, or fetched out of it, while a lock is held or
/// while a collection runs, is not collected until that one ends. A put that meets the removal of the same block waits for its end, so that it never finds the block
/// there and then loses it. Thread-safe; free of cost while no lock is held and nothing is collected.
/// </summary>
/// <remarks>
/// A lock is either of one work and keeps what that one notes with it, or it is of all and keeps what is noted while it is open. Of these, a block is kept by those that were open when it was noted
/// last: locks that overlap without end keep what was noted lately, and no more.
/// </remarks>
internal sealed class GcLocker
{
    private readonly Lock _lock = new();

    // of each block that is kept, when it was noted last: how many locks had been opened by then
    private readonly Dictionary<Multihash, long> _kept = [];
    private readonly Queue<(Multihash Hash, long Noted)> _notes = new();
    private readonly LinkedList<long> _open = new();

    // of each block, how many works keep it
    private readonly Dictionary<Multihash, int> _owned = [];
    private readonly Dictionary<Multihash, TaskCompletionSource> _removing = [];
    private long _opened;
    private volatile bool _isActive;

    /// <summary>Gets or sets what is told when blocks are kept no longer, from any thread.</summary>
    public Action? Released { get; set; }

    /// <summary>Takes a lock that keeps all that is noted while it is open.</summary>
    public GcLock Lock() => new(this, Open());

    /// <summary>Takes a lock that keeps what is noted with it.</summary>
    public GcLock LockOwn() => new(this, null);

    /// <summary>Begins to note what is put; ended by <see cref="Release"/>.</summary>
    public LinkedListNode<long> Open()
    {
        lock (_lock)
        {
            _isActive = true;
            return _open.AddLast(++_opened);
        }
    }

    /// <summary>Ends a lock or a collection.</summary>
    public void Release(LinkedListNode<long> opened)
    {
        bool isAnyFree;
        lock (_lock)
        {
            bool wasFirst = opened.Previous is null;
            _open.Remove(opened);
            _isActive = _open.Count > 0;
            isAnyFree = wasFirst && Forget(_open.First?.Value ?? long.MaxValue);
        }

        if (isAnyFree)
        {
            Released?.Invoke();
        }
    }

    /// <summary>Ends the lock of one work.</summary>
    public void ReleaseOwn(OwnedBlocks owned)
    {
        lock (_lock)
        {
            owned.IsReleased = true;
            foreach (Multihash hash in owned.Hashes)
            {
                if (--_owned[hash] == 0)
                {
                    _owned.Remove(hash);
                }

                // a collection that goes on may not know what has become of it: that it is pinned
                Keep(hash);
            }
        }

        if (owned.Hashes.Count > 0)
        {
            Released?.Invoke();
        }
    }

    /// <summary>As <see cref="NotePutAsync(Cid)"/>, for work that keeps what it notes.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="owned">What the work keeps.</param>
    public ValueTask NotePutAsync(Cid cid, OwnedBlocks owned)
    {
        lock (_lock)
        {
            if (owned.IsReleased)
            {
                Keep(cid.Hash);
            }
            else if (owned.Hashes.Add(cid.Hash))
            {
                _owned[cid.Hash] = _owned.GetValueOrDefault(cid.Hash) + 1;
            }

            return _removing.TryGetValue(cid.Hash, out TaskCompletionSource? removed) ? new ValueTask(removed.Task) : ValueTask.CompletedTask;
        }
    }

    /// <summary>To be awaited before a block is looked for in the store and put there, or read by work that is not to lose it.</summary>
    public ValueTask NotePutAsync(Cid cid) => _isActive ? NoteAsync(cid.Hash) : ValueTask.CompletedTask;

    /// <summary>Returns whether a block may be removed; if so, puts of it wait until <see cref="EndRemoval"/>.</summary>
    public bool TryBeginRemoval(in Multihash hash)
    {
        lock (_lock)
        {
            return !_kept.ContainsKey(hash) && !_owned.ContainsKey(hash) && _removing.TryAdd(hash, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>Lets the puts go on that wait.</summary>
    public void EndRemoval(in Multihash hash)
    {
        lock (_lock)
        {
            if (_removing.Remove(hash, out TaskCompletionSource? removed))
            {
                removed.SetResult();
            }
        }
    }

    /// <summary>Returns whether a block was put while a lock was held or a collection ran that has not ended.</summary>
    public bool IsKept(in Multihash hash)
    {
        lock (_lock)
        {
            return _kept.ContainsKey(hash) || _owned.ContainsKey(hash);
        }
    }

    private ValueTask NoteAsync(in Multihash hash)
    {
        lock (_lock)
        {
            Keep(hash);
            return _removing.TryGetValue(hash, out TaskCompletionSource? removed) ? new ValueTask(removed.Task) : ValueTask.CompletedTask;
        }
    }

    private void Keep(in Multihash hash)
    {
        if (_open.Count > 0 && (!_kept.TryGetValue(hash, out long noted) || noted != _opened))
        {
            _kept[hash] = _opened;
            _notes.Enqueue((hash, _opened));
        }
    }

    // what was noted before the first lock that is still open was opened; true where there was such
    private bool Forget(long first)
    {
        bool isAny = false;
        while (_notes.TryPeek(out (Multihash Hash, long Noted) note) && note.Noted < first)
        {
            _notes.Dequeue();
            if (_kept.TryGetValue(note.Hash, out long last) && last == note.Noted)
            {
                isAny |= _kept.Remove(note.Hash);
            }
        }

        return isAny;
    }
}

/// <summary>
/// While it is open, no block that is put into the store, or with it, is collected as unneeded: for work that pins its root only when it is done.
/// </summary>
public sealed class GcLock : IDisposable
{
    private readonly LinkedListNode<long>? _opened;
    private readonly OwnedBlocks _owned = new();
    private GcLocker? _guard;

    internal GcLock(GcLocker guard, LinkedListNode<long>? opened)
    {
        _guard = guard;
        _opened = opened;
    }

    /// <summary>To be awaited before a block is looked for or put: from then on it is kept, by this lock where it is that of one work.</summary>
    internal ValueTask NotePutAsync(Cid cid) => Volatile.Read(ref _guard) is not { } guard
        ? ValueTask.CompletedTask
        : _opened is null ? guard.NotePutAsync(cid, _owned) : guard.NotePutAsync(cid);

    /// <summary>Lets go. What was put while it was open may be collected from now on, unless it is pinned or another lock is held.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _guard, null) is not { } guard)
        {
            return;
        }

        if (_opened is null)
        {
            guard.ReleaseOwn(_owned);
        }
        else
        {
            guard.Release(_opened);
        }
    }
}

/// <summary>What one work keeps. Its <see cref="GcLocker"/> changes it under its lock.</summary>
internal sealed class OwnedBlocks
{
    public HashSet<Multihash> Hashes { get; } = [];

    public bool IsReleased { get; set; }
}
