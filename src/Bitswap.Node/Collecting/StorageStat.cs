namespace Bitswap.Node.Collecting;

/// <summary>What a bounded repository holds, and what was collected of it since the node was started.</summary>
/// <param name="Bytes">The bytes of its blocks; null while they are being counted.</param>
/// <param name="Blocks">How many blocks it has; null while they are being counted.</param>
/// <param name="Max">The bytes that it may hold.</param>
public sealed record StorageStat(long? Bytes, long? Blocks, long Max)
{
    /// <summary>Collections that have ended.</summary>
    public int Collections { get; init; }

    /// <summary>When the last one ended; null for never.</summary>
    public DateTimeOffset? LastCollection { get; init; }

    /// <summary>Blocks that were collected.</summary>
    public long BlocksCollected { get; init; }

    /// <summary>Their bytes.</summary>
    public long BytesCollected { get; init; }

    /// <summary>Of these blocks, those that the user had added and not pinned.</summary>
    public long AddedBlocksCollected { get; init; }

    /// <summary>Why the last collection took less than it should have; null where it did not.</summary>
    public string? Failure { get; init; }
}
