using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Specifies how a graph is saved to a disk. Each value is refused at construction when out of range.</summary>
public sealed record SaveOptions
{
    /// <summary>Gets whether files that are there are replaced where they differ. Folders are never: what is saved goes into them, and other files in them stay.</summary>
    public bool Force { get; init; }

    /// <summary>Gets which names may become file names.</summary>
    public NameRules Names { get; init; } = NameRules.Portable;

    /// <summary>Gets whether entries that cannot be saved are left out; otherwise one of them refuses the whole.</summary>
    public bool SkipUnsafe { get; init; }

    /// <summary>Gets whether names that differ only in case are one name; null asks the destination.</summary>
    public bool? IgnoreCase { get; init; }

    /// <summary>Bytes of all files together, as their blocks claim; 1 to 2^62, 256 GiB by default. Few blocks can claim any number.</summary>
    public long MaxTotalSize { get; init => field = InRange(value, 1, 1L << 62, nameof(MaxTotalSize)); } = 256L << 30;

    /// <summary>Entries of all folders together; 1 to 1 000 000 000, 250 000 by default.</summary>
    public int MaxEntries { get; init => field = (int)InRange(value, 1, 1_000_000_000, nameof(MaxEntries)); } = 250_000;

    /// <summary>Free bytes that a save of so many bytes or more leaves on the disk; 0 to 1 TiB, 64 MiB by default.</summary>
    public long KeepFree { get; init => field = InRange(value, 0, 1L << 40, nameof(KeepFree)); } = 64 << 20;

    /// <summary>
    /// Gets what is told before the first block is read that all blocks below a CID will be: where nothing of it is at the destination, so that none can be made of what is there. Null tells no one.
    /// </summary>
    public Action<Cid>? ReadsAll { get; init; }

    /// <summary>Says how many bytes are free where a folder is; null where that is not known.</summary>
    internal Func<string, long?> MeasureFree { get; init; } = DiskSpace.FreeBytes;

    private static long InRange(long value, long min, long max, string name) => value >= min && value <= max
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {min} to {max}.");
}
