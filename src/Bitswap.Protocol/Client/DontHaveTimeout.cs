namespace Bitswap.Protocol.Client;

/// <summary>
/// How long a peer may be silent before that counts as DONT_HAVE: a default; once the round trip is known, 2 s + 3 of it; once answers were
/// timed, twice their moving mean (weight one half), within bounds (the constants are boxo's, dontHaveTimeoutMgr).
/// </summary>
internal struct DontHaveTimeout(EngineOptions options)
{
    private const double Weight = 0.5;

    // boxo, messagequeue.go: an answer that took longer says nothing about the next.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private TimeSpan? _roundTrip;

    /// <summary>The moving mean of the time from asking to an answer.</summary>
    public TimeSpan? Latency { get; private set; }

    public readonly TimeSpan? RoundTrip => _roundTrip;

    public readonly TimeSpan Current
    {
        get
        {
            TimeSpan time = Latency is { } latency ? 2 * latency
                : _roundTrip is { } roundTrip ? TimeSpan.FromSeconds(2) + (3 * roundTrip)
                : options.DontHaveTimeout;
            return time < options.MinDontHaveTimeout ? options.MinDontHaveTimeout
                : time > options.MaxDontHaveTimeout ? options.MaxDontHaveTimeout
                : time;
        }
    }

    public void Pinged(TimeSpan roundTrip) => _roundTrip = roundTrip < TimeSpan.Zero ? TimeSpan.Zero : roundTrip;

    public void Answered(TimeSpan latency)
    {
        if (latency <= _longest)
        {
            Latency = Latency is { } old ? old + (Weight * (latency - old)) : latency;
        }
    }
}
