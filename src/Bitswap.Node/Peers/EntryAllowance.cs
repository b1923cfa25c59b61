namespace Bitswap.Node.Peers;

/// <summary>
/// How fast a peer may ask, and tell what answers nothing: a bucket that holds two seconds' worth and fills at a rate. Who gives or takes blocks earns it back and is not slowed,
/// so it slows a peer that only costs. Whoever has spent too much is read no further until the rate has made up for it.
/// </summary>
/// <param name="rate">Entries a second; 0 for no limit.</param>
/// <param name="clock">The clock.</param>
internal sealed class EntryAllowance(int rate, TimeProvider clock)
{
    /// <summary>What a block that went between the two, or an answer to a want of ours, earns: word of it and the block are asked for, and withdrawn.</summary>
    public const int Earned = 4;

    private const int MostSeconds = 2;

    // what is earned meanwhile ends a wait sooner
    private static readonly TimeSpan _longestPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private double _left = (double)rate * MostSeconds;
    private long _filledAt = clock.GetTimestamp();

    /// <summary>Spends entries, and waits until they are paid for.</summary>
    public ValueTask SpendAsync(int entries, CancellationToken cancellationToken) =>
        rate == 0 || entries == 0 || Spend(entries) <= TimeSpan.Zero ? ValueTask.CompletedTask : WaitAsync(cancellationToken);

    /// <summary>Blocks went between the two, or the peer answered.</summary>
    public void Earn(long times)
    {
        if (rate > 0 && times > 0)
        {
            lock (_lock)
            {
                _left = Math.Min((double)rate * MostSeconds, _left + (times * Earned));
            }
        }
    }

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        for (TimeSpan wait = Spend(0); wait > TimeSpan.Zero; wait = Spend(0))
        {
            await Task.Delay(wait < _longestPause ? wait : _longestPause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Spends entries and gives how long it takes until they are paid for.</summary>
    private TimeSpan Spend(int entries)
    {
        lock (_lock)
        {
            long now = clock.GetTimestamp();
            _left = Math.Min((double)rate * MostSeconds, _left + (clock.GetElapsedTime(_filledAt, now).TotalSeconds * rate)) - entries;
            _filledAt = now;
            return _left >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_left / rate) + TimeSpan.FromMilliseconds(1);
        }
    }
}
