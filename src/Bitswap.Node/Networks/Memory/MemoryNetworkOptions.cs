namespace Bitswap.Node.Networks.Memory;

/// <summary>How a network in memory is made.</summary>
public sealed record MemoryNetworkOptions
{
    /// <summary>Gets how its lines behave at first.</summary>
    public MemoryLineOptions Line { get; init; } = new();

    /// <summary>Gets how many bytes a stream holds before a writer waits: 1 to 16 MiB.</summary>
    public int StreamWindow { get; init; } = 256 << 10;

    /// <summary>Gets how many peers there may be at once: 1 to 10 000.</summary>
    public int MaxPeers { get; init; } = 1000;

    /// <summary>Gets the clock that latency and bandwidth are measured by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Refuses what is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside the range its documentation gives.</exception>
    internal void Validate()
    {
        Line.EnsureValid();
        ArgumentOutOfRangeException.ThrowIfLessThan(StreamWindow, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(StreamWindow, 16 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPeers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPeers, 10_000);
    }
}

/// <summary>The counters of a network in memory: what it has carried, and what it did to it.</summary>
/// <param name="Writes">Writes that arrived.</param>
/// <param name="Bytes">Bytes that arrived.</param>
/// <param name="Lost">Writes that broke their stream.</param>
/// <param name="Corrupted">Writes that arrived changed.</param>
/// <param name="Silenced">Writes of silent peers, which did not arrive.</param>
/// <param name="Repeated">Writes of flooding peers that arrived once more.</param>
public readonly record struct MemoryNetworkStat(long Writes, long Bytes, long Lost, long Corrupted, long Silenced, long Repeated);
