using Bitswap.Protocol.Abstractions;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Measures how well one peer sends: how quickly, how reliably, and how many blocks may be asked of it at once while others could be asked as well.
/// </summary>
internal sealed class PeerPerformance(EngineOptions options)
{
    // Blocks that may be asked of a peer before the first came, when others could be asked as well.
    public const int FirstWindow = 8;

    private const int MinWindow = 4;

    // So many blocks asked for in vain, one after another, and the peer's HAVE is no longer believed.
    private const int MaxUnsentBlocks = 8;

    // What is left of the weight of a peer that sends nothing.
    private const int MaxHalvings = 30;

    private const int GuessedBlockSize = 256 * 1024;

    // As long as blocks come a round trip after they are asked for, four are asked for where one came: the slow start of TCP, at twice its pace.
    private const int Growth = 3;

    private static readonly TimeSpan _noQueue = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _shortQueue = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _longQueue = TimeSpan.FromMilliseconds(800);

    private DontHaveTimeout _timeout = new(options);
    private bool _hadQueue;

    /// <summary>Gets how many blocks the peer was the first to send.</summary>
    public long FirstResponses { get; private set; }

    /// <summary>Gets how many blocks the peer was asked for and did not send in time, since it last sent one.</summary>
    public int Unsent { get; private set; }

    /// <summary>Gets whether HAVE means that the block comes when it is asked for. If not, the block is asked of others first, and of this peer one at a time.</summary>
    public bool KeepsWord => Unsent < MaxUnsentBlocks;

    /// <summary>Gets the share of its weight that is left to the peer among those that may be asked, 0 to 1.</summary>
    public double Reliability => Math.ScaleB(1, -Math.Min(Unsent, MaxHalvings));

    /// <summary>Gets the weight of the peer where no session has learnt more of it.</summary>
    public double Weight => Reliability * (FirstResponses + 1.0);

    /// <summary>Gets how many blocks may be asked of the peer while others could be asked as well.</summary>
    public int Window { get; private set; } = FirstWindow;

    /// <summary>Gets when the last block came, or blocks were asked for after there had been none.</summary>
    public TimeSpan BusySince { get; private set; }

    /// <summary>Gets the moving mean of the time between blocks, while there were some to send; zero before the first.</summary>
    public TimeSpan BlockInterval { get; private set; }

    /// <summary>Gets the shortest time from asking to a block; zero before the first.</summary>
    public TimeSpan MinLatency { get; private set; }

    /// <summary>Gets whether a block that the peer was asked for has come.</summary>
    public bool IsMeasured { get; private set; }

    public int MeanBlockSize { get; private set; } = GuessedBlockSize;

    /// <summary>Gets the mean time from asking to an answer, else the round trip; null before either was measured.</summary>
    public TimeSpan? Latency => _timeout.Latency ?? _timeout.RoundTrip;

    /// <summary>Gets the silence that counts as DONT_HAVE by what was measured.</summary>
    public TimeSpan Timeout => _timeout.Current;

    public void Pinged(TimeSpan roundTrip) => _timeout.Pinged(roundTrip);

    public void Answered(TimeSpan latency) => _timeout.Answered(latency);

    /// <summary>Counts that the peer was the first to send a block.</summary>
    public void SentFirst() => FirstResponses++;

    /// <summary>Starts the time of the next block: there had been none to send.</summary>
    public void BecameBusy(TimeSpan now) => BusySince = now;

    /// <summary>
    /// Sets the window so that about half a second of work is under way: enough to keep the line busy, little enough that the last blocks of a
    /// batch do not wait behind the slowest peer. Until blocks begin to wait for one another it grows fourfold each round trip.
    /// </summary>
    public void BlockCame(TimeSpan latency, int size, TimeSpan now, int maxWindow)
    {
        TimeSpan roundTrip = _timeout.RoundTrip ?? TimeSpan.Zero;
        _hadQueue |= latency > _noQueue + (roundTrip * 1.5) || _timeout.RoundTrip is null;
        if (latency < _shortQueue + roundTrip)
        {
            Window = Math.Min(Window + (_hadQueue ? 1 : Growth), maxWindow);
        }
        else if (latency > _longQueue + roundTrip)
        {
            Window = Math.Max(Window - 1, MinWindow);
        }

        Unsent = 0;
        Window = Math.Max(Window, MinWindow);
        TimeSpan interval = now - BusySince;
        interval = interval < latency ? interval : latency;
        BlockInterval = IsMeasured ? BlockInterval + ((interval - BlockInterval) / 4) : interval;
        MinLatency = IsMeasured && MinLatency < latency ? MinLatency : latency;
        MeanBlockSize = IsMeasured ? MeanBlockSize + ((size - MeanBlockSize) / 8) : size;
        IsMeasured = true;
        BusySince = now;
    }

    /// <summary>Counts blocks that the peer was asked for and that others are asked for now.</summary>
    public void GaveUp(int blocks)
    {
        Unsent += blocks;
        Window = KeepsWord ? Math.Max(Window / 2, MinWindow) : 1;
    }
}

/// <summary>
/// Measures how long a peer may be silent before that counts as DONT_HAVE: a default; once the round trip is known, 2 s + 3 of it; once answers were
/// timed, twice their moving mean (weight one half), within bounds (the constants are boxo's, dontHaveTimeoutMgr).
/// </summary>
internal struct DontHaveTimeout(EngineOptions options)
{
    private const double Weight = 0.5;

    // boxo, messagequeue.go: an answer that took longer says nothing about the next.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);

    private TimeSpan? _roundTrip;

    /// <summary>Gets the moving mean of the time from asking to an answer.</summary>
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
