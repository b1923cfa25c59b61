namespace Bitswap.Node.Networks.Memory;

/// <summary>
/// One direction between two peers in memory: its faults, and the chance of each. The chances are of its own seed, so that what befalls the
/// n-th write does not depend on what other lines carry.
/// </summary>
internal sealed class MemoryLine(MemoryNetwork network, PeerId from, int seed)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private MemoryLineOptions? _own;
    private long _freeAt;

    /// <summary>Gets how it behaves now; null sets it back to what holds for the whole network.</summary>
    public MemoryLineOptions? Own
    {
        get => Volatile.Read(ref _own);
        set => Volatile.Write(ref _own, value);
    }

    /// <summary>Gets how long something takes that has no size.</summary>
    public TimeSpan Latency => Options.Latency;

    /// <summary>Gets whether what is written here never arrives.</summary>
    public bool IsSilent => network.IsSilent(from);

    /// <summary>Gets how many times what is written here arrives.</summary>
    public int Times => network.FloodOf(from);

    /// <summary>Gets how many bytes a stream over it holds before a writer waits.</summary>
    public int StreamWindow => network.Options.StreamWindow;

    private MemoryLineOptions Options => Own ?? network.Line;

    /// <summary>Ends when a write would have arrived.</summary>
    public async ValueTask TravelAsync(int length, CancellationToken cancellationToken)
    {
        MemoryLineOptions options = Options;
        TimeSpan wait = options.Latency;
        TimeProvider clock = network.Options.Clock;
        if (options.BytesPerSecond > 0)
        {
            long now = clock.GetTimestamp();
            long needed = (long)Math.Ceiling((double)length * clock.TimestampFrequency / options.BytesPerSecond);
            long free;
            lock (_lock)
            {
                // What shares the line waits its turn.
                free = _freeAt = Math.Max(_freeAt, now) + needed;
            }

            wait += clock.GetElapsedTime(now, free);
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns whether the next write is lost.</summary>
    public bool LosesNext()
    {
        bool lost = Happens(Options.Loss);
        if (lost)
        {
            network.Count(lost: 1);
        }

        return lost;
    }

    /// <summary>Counts what arrives, and may change a byte of it.</summary>
    public void Arrive(Span<byte> data, bool again)
    {
        bool corrupt = data.Length > 0 && Happens(Options.Corruption);
        if (corrupt)
        {
            lock (_lock)
            {
                data[_random.Next(data.Length)] ^= 0x55;
            }
        }

        network.Count(writes: 1, bytes: data.Length, corrupted: corrupt ? 1 : 0, repeated: again ? 1 : 0);
    }

    /// <summary>Counts what a silent peer has written.</summary>
    public void Swallow() => network.Count(silenced: 1);

    private bool Happens(double chance)
    {
        if (chance <= 0)
        {
            return false;
        }

        lock (_lock)
        {
            return _random.NextDouble() < chance;
        }
    }
}

/// <summary>How one line of a network in memory behaves, each way. The defaults are a perfect line.</summary>
public sealed record MemoryLineOptions
{
    /// <summary>Gets how long what is written takes to arrive: 0 to 1 min. A writer waits until it has.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Gets how many bytes a second a line carries each way, whatever streams share it: 0, which is no limit, to 1 TB.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Gets the chance, 0 to 1, that a write breaks its stream instead of arriving.</summary>
    public double Loss { get; init; }

    /// <summary>Gets the chance, 0 to 1, that one byte of a write arrives changed.</summary>
    public double Corruption { get; init; }

    /// <summary>Refuses what is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside the range its documentation gives.</exception>
    public void EnsureValid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Latency, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Latency, TimeSpan.FromMinutes(1));
        ArgumentOutOfRangeException.ThrowIfNegative(BytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BytesPerSecond, 1_000_000_000_000);
        Chance(Loss, nameof(Loss));
        Chance(Corruption, nameof(Corruption));
    }

    private static void Chance(double value, string name)
    {
        if (value is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is a chance, from 0 to 1.");
        }
    }
}
