namespace Bitswap.Protocol.Core;

/// <summary>
/// Represents a byte rate. Spending may run into debt, so that a block larger than the bucket still goes; nothing more is spent until the debt is paid.
/// </summary>
internal struct TokenBucket(long bytesPerSecond)
{
    // A quarter of a second may be spent at once: smooth enough for a line, large enough for a block at usual rates.
    private readonly double _capacity = Math.Max(bytesPerSecond / 4.0, 1);
    private double _tokens = Math.Max(bytesPerSecond / 4.0, 1);
    private TimeSpan _filled;

    public void Fill(TimeSpan now)
    {
        if (now > _filled)
        {
            _tokens = Math.Min(_capacity, _tokens + ((now - _filled).TotalSeconds * bytesPerSecond));
            _filled = now;
        }
    }

    public readonly bool MaySpend => bytesPerSecond <= 0 || _tokens > 0;

    public void Spend(long bytes) => _tokens -= bytes;

    /// <summary>Returns when something may be spent again.</summary>
    public readonly TimeSpan Ready(TimeSpan now) =>
        MaySpend ? now : now + TimeSpan.FromSeconds((1 - _tokens) / bytesPerSecond) + TimeSpan.FromTicks(1);
}
