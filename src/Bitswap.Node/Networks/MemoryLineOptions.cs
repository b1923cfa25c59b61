namespace Bitswap.Node.Networks;

/// <summary>How one line of a network in memory behaves, each way. The defaults are a perfect line.</summary>
public sealed record MemoryLineOptions
{
    /// <summary>How long what is written takes to arrive: 0 to 1 min. A writer waits until it has.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>How many bytes a second a line carries each way, whatever streams share it: 0, which is no limit, to 1 TB.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>The chance, 0 to 1, that a write breaks its stream instead of arriving.</summary>
    public double Loss { get; init; }

    /// <summary>The chance, 0 to 1, that one byte of a write arrives changed.</summary>
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
