namespace Bitswap.Dag.Abstractions;

/// <summary>Specifies how large and how deep a single block may be for its links to be read.</summary>
public sealed record DagLimits
{
    /// <summary>The largest <see cref="MaxNesting"/>: what a reader's stack holds with ease.</summary>
    public const int NestingCeiling = 1024;

    /// <summary>Gets the defaults.</summary>
    public static DagLimits Default { get; } = new();

    /// <summary>Gets the most bytes a block may have: 1 to 2^30, by default 8 MiB, twice what one Bitswap message carries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxBlockSize
    {
        get;
        init => field = InRange(value, 1 << 30, nameof(MaxBlockSize));
    }
    = 8 << 20;

    /// <summary>Gets the most links a block may have: 1 to 2^24, by default 262 144, over twice what fits a directory of 4 MiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxLinks
    {
        get;
        init => field = InRange(value, 1 << 24, nameof(MaxLinks));
    }
    = 262_144;

    /// <summary>Gets how deep lists and maps may stand in one another in dag-cbor and dag-json: 1 to 1024, by default 256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxNesting
    {
        get;
        init => field = InRange(value, NestingCeiling, nameof(MaxNesting));
    }
    = 256;

    private static int InRange(int value, int max, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
        return value;
    }
}

/// <summary>Specifies how far a graph is followed before it is given up with <c>DagLimitExceeded</c>. The size of a graph is chosen by its maker; these bound what it costs.</summary>
public sealed record ReadLimits
{
    /// <summary>Folders within folders below the one asked for; 1 to 4096, 512 by default.</summary>
    public int MaxDepth { get; init => field = InRange(value, 1, 4096, nameof(MaxDepth)); } = 512;

    /// <summary>Levels of blocks below the root of one file; 1 to 1024, 64 by default. A balanced file of 8 TiB has 6.</summary>
    public int MaxFileDepth { get; init => field = InRange(value, 1, 1024, nameof(MaxFileDepth)); } = 64;

    /// <summary>Links in one block; 1 to 1 048 576, 131 072 by default, more than fit into 4 MiB.</summary>
    public int MaxLinks { get; init => field = InRange(value, 1, 1 << 20, nameof(MaxLinks)); } = 1 << 17;

    /// <summary>Entries of all folders together; 1 to 1 000 000 000, 1 000 000 by default.</summary>
    public int MaxEntries { get; init => field = InRange(value, 1, 1_000_000_000, nameof(MaxEntries)); } = 1_000_000;

    /// <summary>Bytes of all files together; 1 to 2^62, 8 TiB by default.</summary>
    public long MaxTotalSize { get; init => field = InRange(value, 1, 1L << 62, nameof(MaxTotalSize)); } = 8L << 40;

    /// <summary>Bytes in memory that are fetched ahead of where the reader is; 1 MiB to 4 GiB, 32 MiB by default.</summary>
    public long ReadAheadBytes { get; init => field = InRange(value, 1 << 20, 1L << 32, nameof(ReadAheadBytes)); } = 32 << 20;

    /// <summary>Blocks that are under way or fetched ahead at once; 1 to 65 536, 2048 by default.</summary>
    public int ReadAheadBlocks { get; init => field = InRange(value, 1, 65_536, nameof(ReadAheadBlocks)); } = 2048;

    private static int InRange(int value, int min, int max, string name) => (int)InRange((long)value, min, max, name);

    private static long InRange(long value, long min, long max, string name) => value >= min && value <= max
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {min} to {max}.");
}
