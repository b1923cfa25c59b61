namespace Bitswap.Node.Networks.Http;

/// <summary>
/// What came of one CAR and is not wanted yet, and the wants that wait for what is to come of it. It bounds the bytes in memory, those given on and not stored yet among them: without room, the
/// CAR is read no further. Thread-safe.
/// </summary>
/// <param name="walk">The walk that it is for.</param>
/// <param name="plan">Says what is to come.</param>
/// <param name="limit">Bytes in memory.</param>
/// <param name="clock">The clock of waits.</param>
internal sealed partial class CarHold(GraphWalk walk, CarPlan plan, long limit, TimeProvider clock)
{
    // Bytes in memory for a walk that may leave out much of what comes.
    private const long PartialLimit = 4 << 20;

    // As many wants as are told to one peer by default; more are asked for one by one.
    private const int MaxWaiting = 1024;

    // Blocks that had their turn are remembered, so that they are not held when they come again: the latest, since a CAR has the order of the walk.
    private const int MaxRemembered = 1 << 16;

    // What a block takes beside its bytes.
    private const int Overhead = 256;

    // What may come in vain before it is compared with what was of use.
    private const long FreeWaste = 16 << 20;

    /// <summary>How long wants wait for a CAR that goes on and brings nothing of use.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(15);

    /// <summary>How long wants wait for a block while there is no room to read on to it: another order than the walk's is told from a store that is slow for a moment.</summary>
    public static readonly TimeSpan StallTime = TimeSpan.FromMilliseconds(250);

    /// <summary>How long nothing may be taken of what is held while there is no room: the walk has left it.</summary>
    public static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(20);

    // How long a want may be on its way here.
    private static readonly TimeSpan _lagTime = TimeSpan.FromSeconds(2);

    private readonly long _limit = walk.Range.IsPartial ? Math.Min(limit, PartialLimit) : limit;
    private readonly Lock _lock = new();
    private readonly Dictionary<Multihash, (Block Block, int Request)> _held = [];
    private readonly Dictionary<Multihash, WantlistEntry> _waiting = [];
    private readonly HashSet<Multihash> _seen = [];

    // Given before a want for it was told here, with when.
    private readonly Dictionary<Multihash, long> _ahead = [];
    private readonly Queue<Multihash> _seenOrder = new();
    private TaskCompletionSource? _freed;
    private long _inMemory;
    private long _heldBytes;
    private long _taken;
    private long _used;
    private long _useAt = clock.GetTimestamp();
    private bool _isRootSeen;
    private bool _isStalled;
    private bool _isIdle;
    private bool _isOver;

    /// <summary>Gets how many blocks were of use.</summary>
    public int Given { get; private set; }

    /// <summary>Gets the bytes that blocks took which were of use.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
            {
                return _used;
            }
        }
    }

    /// <summary>Gets how long nothing has come that is of use, since it was read on.</summary>
    public TimeSpan Idle
    {
        get
        {
            lock (_lock)
            {
                return clock.GetElapsedTime(_useAt);
            }
        }
    }

    /// <summary>Takes the wants that have waited long enough while nothing of use came; those that come wait no more until something does.</summary>
    public IReadOnlyList<WantlistEntry> TakeOverdue()
    {
        lock (_lock)
        {
            if (clock.GetElapsedTime(_useAt) < IdleTime)
            {
                return [];
            }

            _isIdle = true;
            return TakeWaiting();
        }
    }

    /// <summary>Gets the bytes in memory.</summary>
    public long InMemory
    {
        get
        {
            lock (_lock)
            {
                return _inMemory;
            }
        }
    }

    /// <summary>Takes a want: gives the block that is held, or lets the want wait for it. False where it is to be asked for by a request of its own.</summary>
    /// <param name="entry">The want for a block.</param>
    /// <param name="block">The block, which is given on now; null where the want waits.</param>
    public bool TryTake(in WantlistEntry entry, out Block? block)
    {
        Multihash hash = entry.Cid.Hash;
        block = null;
        lock (_lock)
        {
            if (_held.Remove(hash, out (Block Block, int Request) held))
            {
                // The walk has come to what is held.
                _isStalled = false;
                _heldBytes -= SizeOf(held.Block);
                Unhold(held.Request, held.Block);
                Gave(hash, held.Block, held.Request);
                block = new Block(entry.Cid, held.Block.Data);
                return true;
            }

            // One that was on its way when the block was given is answered by that; once, and not for long.
            if (_waiting.ContainsKey(hash) || (_ahead.Remove(hash, out long given) && clock.GetElapsedTime(given) < _lagTime))
            {
                return true;
            }

            if (_isOver || _isStalled || _isIdle || _waiting.Count >= MaxWaiting || _seen.Contains(hash) || !walk.IsAsking(hash) || !plan.IsAwaited(hash))
            {
                return false;
            }

            _waiting.Add(hash, entry);
            return true;
        }
    }

    /// <summary>Returns whether a block is held.</summary>
    public bool Has(in Multihash hash)
    {
        lock (_lock)
        {
            return _held.ContainsKey(hash);
        }
    }

    /// <summary>Takes a want away.</summary>
    public void Cancel(in Multihash hash)
    {
        lock (_lock)
        {
            _waiting.Remove(hash);
        }
    }

    /// <summary>Takes all wants away but these.</summary>
    public void CancelAllBut(IReadOnlySet<Cid> cids)
    {
        lock (_lock)
        {
            foreach (Multihash hash in _waiting.Where(waiting => !cids.Contains(waiting.Value.Cid)).Select(static waiting => waiting.Key).ToArray())
            {
                _waiting.Remove(hash);
            }
        }
    }

    /// <summary>Adds a block of the CAR, which is verified.</summary>
    /// <param name="block">The block.</param>
    /// <param name="isDropped">Whether it is of no use, so that its memory is free.</param>
    /// <returns>Whether it is wanted, so that it is given on now.</returns>
    public bool Add(in Block block, out bool isDropped)
    {
        Multihash hash = block.Cid.Hash;
        lock (_lock)
        {
            _isRootSeen |= hash.Equals(walk.Range.Root.Hash);
            isDropped = _isOver || _seen.Contains(hash) || _held.ContainsKey(hash);
            if (isDropped)
            {
                return false;
            }

            _useAt = clock.GetTimestamp();
            _isIdle = false;
            _inMemory += SizeOf(block);
            if (_waiting.Remove(hash))
            {
                Gave(hash, block, _request);
                return true;
            }

            if (walk.IsAsked(hash))
            {
                _ahead[hash] = clock.GetTimestamp();
                Gave(hash, block, _request);
                return true;
            }

            _held.Add(hash, (block, _request));
            _heldBytes += SizeOf(block);
            _useful += SizeOf(block);
            return false;
        }
    }

    /// <summary>The walk has a block, wherever it is from.</summary>
    public void Came(in Multihash hash)
    {
        lock (_lock)
        {
            Remember(hash);
            if (_held.Remove(hash, out (Block Block, int Request) held))
            {
                _heldBytes -= SizeOf(held.Block);
                Unhold(held.Request, held.Block);
                _taken++;
                Free(SizeOf(held.Block));
            }
        }
    }

    /// <summary>A block that was given on is in memory no more.</summary>
    public void Release(in Block block)
    {
        lock (_lock)
        {
            Free(SizeOf(block));
        }
    }

    /// <summary>
    /// Waits until there is room to read on. Where wants then wait for what is not held, the CAR has another order than the walk: they are handed back, to be asked for one by one, and so are
    /// those that come until the walk takes what is held.
    /// </summary>
    /// <param name="handBack">Takes such wants.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Why it is of no use to wait; null where there is room.</returns>
    public async ValueTask<string?> WaitForRoomAsync(Action<IReadOnlyList<WantlistEntry>> handBack, CancellationToken cancellationToken)
    {
        long takenBefore = -1;
        long since = clock.GetTimestamp();
        while (true)
        {
            Task freed;
            WantlistEntry[] back = [];
            lock (_lock)
            {
                if (_inMemory < _limit)
                {
                    _isStalled = false;
                    _useAt = takenBefore < 0 ? _useAt : clock.GetTimestamp();
                    return null;
                }

                if (_taken != takenBefore)
                {
                    takenBefore = _taken;
                    since = clock.GetTimestamp();
                }

                TimeSpan still = clock.GetElapsedTime(since);
                bool isStuck = _waiting.Count > 0 && _heldBytes >= _inMemory / 2 && still >= StallTime;
                if (still >= LeaveTime || (isStuck && (!_isRootSeen || walk.Range.IsPartial)))
                {
                    _isOver = true;
                    return _isRootSeen ? "its CAR holds much that the walk has left" : "its CAR does not begin with the root";
                }

                if (isStuck)
                {
                    _isStalled = true;
                    back = TakeWaiting();
                }

                _freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                freed = _freed.Task;
            }

            if (back.Length > 0)
            {
                handBack(back);
            }

            await Task.WhenAny(freed, Task.Delay(StallTime, clock, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Nothing more comes of the CAR.</summary>
    /// <param name="keep">Whether what is held stays for the walk.</param>
    /// <returns>The wants that wait in vain.</returns>
    public IReadOnlyList<WantlistEntry> End(bool keep)
    {
        lock (_lock)
        {
            _isOver = true;
            if (!keep)
            {
                _held.Clear();
                Free(_heldBytes);
                _heldBytes = 0;
            }

            return TakeWaiting();
        }
    }

    /// <summary>Waits until nothing is held.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task freed;
            lock (_lock)
            {
                if (_held.Count == 0)
                {
                    return;
                }

                _freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                freed = _freed.Task;
            }

            await freed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static long SizeOf(in Block block) => block.Data.Length + Overhead;

    private WantlistEntry[] TakeWaiting()
    {
        WantlistEntry[] waiting = [.. _waiting.Values];
        _waiting.Clear();
        return waiting;
    }

    private void Gave(in Multihash hash, in Block block, int request)
    {
        Remember(hash);
        _taken++;
        _used += SizeOf(block);
        _useful += request == _request ? 2 * SizeOf(block) : 0;
        Given++;
    }

    private void Remember(in Multihash hash)
    {
        if (!_seen.Add(hash))
        {
            return;
        }

        _seenOrder.Enqueue(hash);
        if (_seenOrder.Count > MaxRemembered)
        {
            Multihash oldest = _seenOrder.Dequeue();
            _seen.Remove(oldest);
            _ahead.Remove(oldest);
        }
    }

    private void Free(long bytes)
    {
        _inMemory -= bytes;
        TaskCompletionSource? freed = _freed;
        _freed = null;
        freed?.SetResult();
    }
}
