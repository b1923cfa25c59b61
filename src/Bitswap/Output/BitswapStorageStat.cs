using System.Globalization;
using Bitswap.Node.Collecting;

namespace Bitswap;

/// <summary>What a repository with the option StorageMax holds, and what was collected of it. The counters are since the node was started.</summary>
public sealed class BitswapStorageStat
{
    private readonly StorageStat _stat;

    internal BitswapStorageStat(StorageStat stat) => _stat = stat;

    /// <summary>Bytes of its blocks; null while they are being counted, which is after a start that follows no clean stop.</summary>
    public long? Bytes => _stat.Bytes;

    /// <summary>How many blocks it has; null while they are being counted.</summary>
    public long? Blocks => _stat.Blocks;

    /// <summary>Bytes that it may hold.</summary>
    public long StorageMax => _stat.Max;

    /// <summary>How many collections have ended.</summary>
    public int Collections => _stat.Collections;

    /// <summary>When the last one ended; null for never.</summary>
    public DateTimeOffset? LastCollection => _stat.LastCollection;

    /// <summary>Blocks that were collected.</summary>
    public long BlocksCollected => _stat.BlocksCollected;

    /// <summary>Bytes of these blocks.</summary>
    public long BytesCollected => _stat.BytesCollected;

    /// <summary>Of these blocks, those that had been added and not pinned.</summary>
    public long AddedBlocksCollected => _stat.AddedBlocksCollected;

    /// <summary>Why the last collection took less than it should have; null where it did not.</summary>
    public string? Failure => _stat.Failure;

    /// <inheritdoc/>
    public override string ToString()
    {
        string held = Bytes is { } bytes ? $"{ByteSize.Format(bytes)} in {Blocks} blocks" : "not counted yet";
        string failure = Failure is null ? "" : $"; {Failure}";
        return string.Create(CultureInfo.InvariantCulture, $"{held} of {ByteSize.Format(StorageMax)}; {BlocksCollected} blocks collected, {ByteSize.Format(BytesCollected)}{failure}");
    }
}
