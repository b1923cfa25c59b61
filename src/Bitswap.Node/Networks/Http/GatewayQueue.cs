using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Node.Networks.Http;

/// <summary>What one gateway is to be asked for: wants by priority, then first come, those that are asked for now among them. One want a CID. Thread-safe.</summary>
/// <param name="capacity">How many wants there may be, 1 or more.</param>
internal sealed class GatewayQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Cid, GatewayWant> _wants = [];
    private readonly SortedSet<GatewayWant> _waiting = new(GatewayWant.ByTurn);
    private readonly SemaphoreSlim _toTake = new(0);
    private readonly SemaphoreSlim _room = new(0, 1);
    private long _lastSequence;

    /// <summary>Gets how many wants there are, those that are asked for now among them.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _wants.Count;
            }
        }
    }

    /// <summary>Adds a want, or changes the one of its CID; false where there is no room for it.</summary>
    /// <param name="entry">The want.</param>
    /// <param name="isBack">Whether it was taken over from here and comes back, for which there is room.</param>
    public bool TryAdd(WantlistEntry entry, bool isBack = false)
    {
        lock (_lock)
        {
            if (!_wants.TryGetValue(entry.Cid, out GatewayWant? want))
            {
                if (!isBack && _wants.Count >= capacity)
                {
                    return false;
                }

                want = new GatewayWant(entry.Cid) { Type = entry.Type };
                _wants.Add(entry.Cid, want);
            }
            else if (want.IsTaken)
            {
                // That it has the block is asked now, and the block is wanted.
                want.IsBlockNext |= want.Type == WantType.Have && entry.Type == WantType.Block;
                return true;
            }
            else
            {
                _waiting.Remove(want);
            }

            want.Type = entry.Type == WantType.Block ? WantType.Block : want.Type;
            want.Priority = entry.Priority;
            Enqueue(want);
            return true;
        }
    }

    /// <summary>Waits until a want has gone.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken) => _room.WaitAsync(cancellationToken);

    /// <summary>Takes a want away; one that is asked for now is given up.</summary>
    public void Cancel(Cid cid)
    {
        GatewayWant? want;
        lock (_lock)
        {
            if (!_wants.Remove(cid, out want))
            {
                return;
            }

            _waiting.Remove(want);
        }

        MakeRoom();
        want.GiveUp();
    }

    /// <summary>Takes all wants away but these.</summary>
    public void CancelAllBut(IReadOnlySet<Cid> cids)
    {
        Cid[] gone;
        lock (_lock)
        {
            gone = [.. _wants.Keys.Where(cid => !cids.Contains(cid))];
        }

        foreach (Cid cid in gone)
        {
            Cancel(cid);
        }
    }

    /// <summary>Takes the next want to ask for; waits for one.</summary>
    public async ValueTask<GatewayWant> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _toTake.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (TryTake(out GatewayWant? want))
            {
                return want;
            }
        }
    }

    /// <summary>Puts a want back that was taken and not answered; one that was given up is gone.</summary>
    public void PutBack(GatewayWant want)
    {
        lock (_lock)
        {
            if (_wants.GetValueOrDefault(want.Cid) == want)
            {
                want.IsTaken = false;
                want.Attempts++;
                want.Type = want.IsBlockNext ? WantType.Block : want.Type;
                Enqueue(want);
            }
        }
    }

    /// <summary>A want that was taken is answered; where the block is wanted after word of it, that is next.</summary>
    public void Done(GatewayWant want)
    {
        lock (_lock)
        {
            if (_wants.GetValueOrDefault(want.Cid) != want)
            {
                return;
            }

            _wants.Remove(want.Cid);
            if (want.IsBlockNext)
            {
                GatewayWant next = new(want.Cid) { Type = WantType.Block, Priority = want.Priority };
                _wants.Add(next.Cid, next);
                Enqueue(next);
                return;
            }
        }

        MakeRoom();
    }

    private void Enqueue(GatewayWant want)
    {
        want.Sequence = ++_lastSequence;
        _waiting.Add(want);
        _toTake.Release();
    }

    private bool TryTake([NotNullWhen(true)] out GatewayWant? want)
    {
        lock (_lock)
        {
            // A want that was withdrawn or changed leaves a turn behind that is of no want.
            want = _waiting.Min;
            if (want is null)
            {
                return false;
            }

            _waiting.Remove(want);
            want.IsTaken = true;
            return true;
        }
    }

    private void MakeRoom()
    {
        lock (_lock)
        {
            if (_room.CurrentCount == 0)
            {
                _room.Release();
            }
        }
    }
}

/// <summary>One want at one gateway. Its state is the queue's.</summary>
internal sealed class GatewayWant(Cid cid)
{
    private readonly CancellationTokenSource _givenUp = new();

    /// <summary>Gets the order of turns.</summary>
    public static IComparer<GatewayWant> ByTurn { get; } = Comparer<GatewayWant>.Create(static (left, right) =>
        left.Priority != right.Priority ? right.Priority.CompareTo(left.Priority) : left.Sequence.CompareTo(right.Sequence));

    /// <summary>Gets what is wanted.</summary>
    public Cid Cid => cid;

    /// <summary>Gets or sets whether the block or word of it is wanted.</summary>
    public WantType Type { get; set; }

    /// <summary>Gets or sets how much; higher first.</summary>
    public int Priority { get; set; }

    /// <summary>Gets or sets its place among others as important.</summary>
    public long Sequence { get; set; }

    /// <summary>Gets or sets how often it was asked for in vain.</summary>
    public int Attempts { get; set; }

    /// <summary>Gets or sets whether it is asked for now.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Gets or sets whether the block is wanted, too, once there is word of it.</summary>
    public bool IsBlockNext { get; set; }

    /// <summary>Gets what ends a request for it.</summary>
    public CancellationToken Token => _givenUp.Token;

    /// <summary>It is wanted no more.</summary>
    public void GiveUp() => _givenUp.Cancel();
}
