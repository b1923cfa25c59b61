namespace Bitswap.Node.Networks.Http;

/// <summary>Cancels when one wait takes too long, or the caller gives up. One wait at a time.</summary>
internal sealed class SilenceLimit : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _given;

    public SilenceLimit(TimeSpan limit, TimeProvider clock, CancellationToken caller)
    {
        _limit = limit;
        _caller = caller;
        _over = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _given = caller.UnsafeRegister(static over => ((CancellationTokenSource)over!).Cancel(), _over);
    }

    /// <summary>Gets whether it was the time that was over, and not the caller who gave up.</summary>
    public bool IsOver => _over.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Returns whether an exception says that the node has let go of its connections: no caller cancelled, and all is cancelled.</summary>
    public bool IsStopped(Exception exception) =>
        exception is ObjectDisposedException || (exception is OperationCanceledException && !_over.IsCancellationRequested);

    /// <summary>Begins a wait; what waits takes the token.</summary>
    public CancellationToken Begin()
    {
        _over.CancelAfter(_limit);
        return _over.Token;
    }

    /// <summary>The wait is over. The time without a wait is the reader's own, and counts for nothing.</summary>
    public void End() => _over.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose()
    {
        _given.Dispose();
        _over.Dispose();
    }
}
