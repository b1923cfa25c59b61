namespace Bitswap.Libp2p.Yamux;

/// <summary>Represents what all streams of one session may hold for their readers, and how far their windows may grow together.</summary>
/// <param name="limit">Bytes, of the session's own.</param>
/// <param name="shares">What all sessions of the host share; null for a session that is alone.</param>
internal sealed class ReceiveBudget(long limit, ReceiveShares? shares = null)
{
    private long _windows;
    private long _buffered;

    /// <summary>Bytes of memory that hold unread data now.</summary>
    public long Buffered => Interlocked.Read(ref _buffered);

    /// <summary>Gets the sum of all receive windows now.</summary>
    public long Windows => Interlocked.Read(ref _windows);

    /// <summary>Counts the window of a new stream, which the specification gives unasked: it is not refused.</summary>
    public void AddWindow(int bytes) => Interlocked.Add(ref _windows, bytes);

    public bool TryGrowWindow(int bytes) => TryAdd(ref _windows, bytes, Math.Min(limit, shares?.Share ?? limit));

    public void ReleaseWindow(int bytes) => Interlocked.Add(ref _windows, -bytes);

    public bool TryBuffer(int bytes) => TryAdd(ref _buffered, bytes, limit);

    public void Unbuffer(int bytes) => Interlocked.Add(ref _buffered, -bytes);

    private static bool TryAdd(ref long counter, int bytes, long max)
    {
        if (Interlocked.Add(ref counter, bytes) <= max)
        {
            return true;
        }
        Interlocked.Add(ref counter, -bytes);
        return false;
    }
}

/// <summary>
/// Represents how far the receive windows of all sessions of a host may grow together. Each has the same share, with room left for one more session: so a newcomer's windows can
/// grow, however large those of the others have become.
/// </summary>
/// <param name="limit">Bytes for all.</param>
internal sealed class ReceiveShares(long limit)
{
    private int _sessions;

    /// <summary>Bytes to which the windows of one session may grow now. What has grown before does not shrink.</summary>
    public long Share => limit / (Volatile.Read(ref _sessions) + 1);

    public void Join() => Interlocked.Increment(ref _sessions);

    public void Leave() => Interlocked.Decrement(ref _sessions);
}
