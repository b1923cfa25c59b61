namespace Bitswap.Dag.Abstractions;

/// <summary>How large and how deep a single block may be for its links to be read.</summary>
public sealed record DagLimits
{
    /// <summary>The largest <see cref="MaxNesting"/>: what a reader's stack holds with ease.</summary>
    public const int NestingCeiling = 1024;

    /// <summary>The defaults.</summary>
    public static DagLimits Default { get; } = new();

    /// <summary>The most bytes a block may have: 1 to 2^30, by default 8 MiB, twice what one Bitswap message carries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxBlockSize
    {
        get;
        init => field = InRange(value, 1 << 30, nameof(MaxBlockSize));
    }
    = 8 << 20;

    /// <summary>The most links a block may have: 1 to 2^24, by default 262 144, over twice what fits a directory of 4 MiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxLinks
    {
        get;
        init => field = InRange(value, 1 << 24, nameof(MaxLinks));
    }
    = 262_144;

    /// <summary>How deep lists and maps may stand in one another in dag-cbor and dag-json: 1 to 1024, by default 256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxNesting
    {
        get;
        init => field = InRange(value, NestingCeiling, nameof(MaxNesting));
    }
    = 256;

    private static int InRange(int value, int most, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
        return value;
    }
}
