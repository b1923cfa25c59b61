namespace Bitswap.Node.Networks.Http;

/// <summary>How one gateway fares: whether it is to be left alone for a while, and when it is to be let go. Thread-safe.</summary>
/// <param name="options">The limits.</param>
/// <param name="clock">The clock of pauses.</param>
internal sealed class GatewayHealth(HttpRetrievalOptions options, TimeProvider clock)
{
    /// <summary>DONT_HAVEs in a row after which a gateway that was found is let go (boxo httpnet: 100).</summary>
    public const int MaxMissing = 100;

    // boxo httpnet: DefaultSendErrorBackoff
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private int _failures;
    private int _missing;
    private long _failedAt;
    private long _pausedAt;
    private TimeSpan _pause;
    private string _reason = "";

    /// <summary>Gets how long it is to be left alone yet, and why; zero where it may be asked.</summary>
    public (TimeSpan Left, string Reason) Pause
    {
        get
        {
            lock (_lock)
            {
                TimeSpan left = _pause - clock.GetElapsedTime(_pausedAt);
                return (left > TimeSpan.Zero ? left : TimeSpan.Zero, _reason);
            }
        }
    }

    /// <summary>It answered in order.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            _failures = 0;
            _missing = 0;
        }
    }

    /// <summary>It answered in order that it has no such block.</summary>
    /// <returns>Whether it has had so few that it is to be let go.</returns>
    public bool Missed()
    {
        lock (_lock)
        {
            _failures = 0;
            return ++_missing >= MaxMissing;
        }
    }

    /// <summary>It asks to be left alone.</summary>
    /// <param name="time">For how long; null where it does not say.</param>
    /// <param name="reason">Its answer, for reports.</param>
    public void Busy(TimeSpan? time, string reason)
    {
        lock (_lock)
        {
            LeaveAlone(time > TimeSpan.Zero ? time.Value : _firstPause, reason);
        }
    }

    /// <summary>A request failed.</summary>
    /// <param name="begun">When it began, by the clock's timestamp: requests that were under way together fail together.</param>
    /// <param name="reason">Why, for reports.</param>
    /// <returns>Whether so many have failed in a row that it is to be let go.</returns>
    public bool Failed(long begun, string reason)
    {
        lock (_lock)
        {
            if (_failures > 0 && begun < _failedAt)
            {
                return false;
            }

            _failedAt = clock.GetTimestamp();
            _failures++;
            LeaveAlone(_firstPause * (1 << Math.Min(_failures - 1, 10)), reason);
            return _failures >= options.MaxGatewayFailures;
        }
    }

    private void LeaveAlone(TimeSpan time, string reason)
    {
        time = time < options.MaxGatewayPause ? time : options.MaxGatewayPause;
        if (time > _pause - clock.GetElapsedTime(_pausedAt))
        {
            _pausedAt = clock.GetTimestamp();
            _pause = time;
            _reason = reason;
        }
    }
}
