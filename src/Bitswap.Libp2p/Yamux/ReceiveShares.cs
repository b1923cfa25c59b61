namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// How far the receive windows of all sessions of a host may grow together. Each has the same share, with room left for one more session: so a newcomer's windows can
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
