namespace Bitswap.Libp2p.Yamux;

/// <summary>What all streams of one session may hold for their readers, and how far their windows may grow together.</summary>
internal sealed class ReceiveBudget(long limit)
{
    private long _windows;
    private long _buffered;

    /// <summary>Bytes of memory that hold unread data now.</summary>
    public long Buffered => Interlocked.Read(ref _buffered);

    /// <summary>The sum of all receive windows now.</summary>
    public long Windows => Interlocked.Read(ref _windows);

    /// <summary>A new stream's window. The specification gives it unasked, so it is counted and not refused.</summary>
    public void AddWindow(int bytes) => Interlocked.Add(ref _windows, bytes);

    public bool TryGrowWindow(int bytes) => TryAdd(ref _windows, bytes);

    public void ReleaseWindow(int bytes) => Interlocked.Add(ref _windows, -bytes);

    public bool TryBuffer(int bytes) => TryAdd(ref _buffered, bytes);

    public void Unbuffer(int bytes) => Interlocked.Add(ref _buffered, -bytes);

    private bool TryAdd(ref long counter, int bytes)
    {
        if (Interlocked.Add(ref counter, bytes) <= limit)
        {
            return true;
        }
        Interlocked.Add(ref counter, -bytes);
        return false;
    }
}
