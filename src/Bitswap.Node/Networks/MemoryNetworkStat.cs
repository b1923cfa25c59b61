namespace Bitswap.Node.Networks;

/// <summary>What a network in memory has carried, and what it did to it.</summary>
/// <param name="Writes">Writes that arrived.</param>
/// <param name="Bytes">Bytes that arrived.</param>
/// <param name="Lost">Writes that broke their stream.</param>
/// <param name="Corrupted">Writes that arrived changed.</param>
/// <param name="Silenced">Writes of silent peers, which did not arrive.</param>
/// <param name="Repeated">Writes of flooding peers that arrived once more.</param>
public readonly record struct MemoryNetworkStat(long Writes, long Bytes, long Lost, long Corrupted, long Silenced, long Repeated);
