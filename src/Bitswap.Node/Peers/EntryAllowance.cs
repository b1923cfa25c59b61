namespace Bitswap.Node.Peers;

/// <summary>
/// How fast a peer may ask, and tell what answers nothing: a bucket that holds a second's worth and fills at a rate. Who gives or takes blocks earns it back and is not slowed,
/// so it slows a peer that only costs. A peer that has spent too much is read no further until the rate has made up for it.
/// </summary>
internal sealed class EntryAllowance(EntryRate rate)
{
    /// <summary>The entries that a block between the two, or an answer to a want of ours, earns: word of it and the block are asked for, and withdrawn.</summary>
    public const int Earned = 4;

    // What is earned in that time, and who else waits, changes how long it takes.
    private static readonly TimeSpan _maxPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _minPause = TimeSpan.FromMilliseconds(1);

    private readonly Lock _lock = new();
    private double _left = rate.PerPeer;
    private long _filledAt = rate.Clock.GetTimestamp();
    private int _waiting;

    /// <summary>Spends entries, and waits until they are paid for, with what was spent before.</summary>
    /// <param name="entries">How many; 0 waits for what is owed.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <param name="hurry">Whether there is no time to wait: what is not paid for is owed then. Asked now and then.</param>
    public ValueTask SpendAsync(int entries, CancellationToken cancellationToken, Func<bool>? hurry = null) =>
        rate.PerPeer == 0 || Spend(entries) == TimeSpan.Zero ? ValueTask.CompletedTask : WaitAsync(hurry, cancellationToken);

    /// <summary>Spends entries that are owed until the next are.</summary>
    public void Charge(long entries)
    {
        if (rate.PerPeer > 0 && entries > 0)
        {
            Spend((int)Math.Min(entries, int.MaxValue));
        }
    }

    /// <summary>Blocks went between the two, or the peer answered.</summary>
    public void Earn(long times)
    {
        if (rate.PerPeer > 0 && times > 0)
        {
            lock (_lock)
            {
                _left = Math.Min(rate.PerPeer, _left + (times * Earned));
            }
        }
    }

    private async ValueTask WaitAsync(Func<bool>? hurry, CancellationToken cancellationToken)
    {
        Wait(1);
        try
        {
            for (TimeSpan wait = Spend(0); wait > TimeSpan.Zero && hurry?.Invoke() != true; wait = Spend(0))
            {
                await Task.Delay(wait < _maxPause ? wait : _maxPause, rate.Clock, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Wait(-1);
        }
    }

    // A peer counts once, however many of its streams wait.
    private void Wait(int change)
    {
        lock (_lock)
        {
            bool waited = _waiting > 0;
            _waiting += change;
            if (_waiting > 0 && !waited)
            {
                rate.Enter();
            }
            else if (_waiting == 0)
            {
                rate.Leave();
            }
        }
    }

    /// <summary>Spends entries and gives how long it takes until they are paid for.</summary>
    private TimeSpan Spend(int entries)
    {
        lock (_lock)
        {
            long now = rate.Clock.GetTimestamp();
            double perSecond = _waiting > 0 ? rate.OfWaiting : rate.PerPeer;
            _left = Math.Min(rate.PerPeer, _left + (rate.Clock.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond)) - entries;
            _filledAt = now;
            return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / perSecond) + _minPause;
        }
    }
}

/// <summary>How fast the peers of a node may ask, each alone, and those together that ask faster than they may.</summary>
/// <param name="perPeer">Entries a second of one peer; 0 for no limit.</param>
/// <param name="clock">The clock.</param>
internal sealed class EntryRate(int perPeer, TimeProvider clock)
{
    /// <summary>However many ask too fast, together they get as much as so many peers.</summary>
    public const int PeersThatAskTooFast = 4;

    private int _waiting;

    /// <summary>Entries a second of one peer; 0 for no limit.</summary>
    public int PerPeer => perPeer;

    /// <summary>Gets the clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Entries a second of a peer that waits, now.</summary>
    public double OfWaiting => (double)perPeer * Math.Min(1, (double)PeersThatAskTooFast / Math.Max(1, Volatile.Read(ref _waiting)));

    /// <summary>Makes the allowance of one more peer.</summary>
    public EntryAllowance Open() => new(this);

    /// <summary>A peer begins to wait.</summary>
    public void Enter() => Interlocked.Increment(ref _waiting);

    /// <summary>It has waited.</summary>
    public void Leave() => Interlocked.Decrement(ref _waiting);
}
