namespace Bitswap.Node.Networks;

/// <summary>How a network in memory behaves. The defaults are a perfect line.</summary>
public sealed record MemoryNetworkOptions
{
    /// <summary>How long what is written takes to arrive: 0 to 1 min.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The chance, 0 to 1, that a write breaks its stream instead of arriving.</summary>
    public double Loss { get; init; }

    /// <summary>The chance, 0 to 1, that one byte of a write arrives changed.</summary>
    public double Corruption { get; init; }

    /// <summary>Peers that accept everything and say nothing: what is written to them arrives, and what they write does not.</summary>
    public IReadOnlySet<PeerId> Silent { get; init; } = new HashSet<PeerId>();

    /// <summary>How many bytes a stream holds before a writer waits: 1 to 16 MiB.</summary>
    public int StreamWindow { get; init; } = 256 << 10;

    /// <summary>The clock that latency is measured by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Refuses what is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside the range its documentation gives.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Latency, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Latency, TimeSpan.FromMinutes(1));
        Chance(Loss, nameof(Loss));
        Chance(Corruption, nameof(Corruption));
        ArgumentOutOfRangeException.ThrowIfLessThan(StreamWindow, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(StreamWindow, 16 << 20);
    }

    private static void Chance(double value, string name)
    {
        if (value is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is a chance, from 0 to 1.");
        }
    }
}
