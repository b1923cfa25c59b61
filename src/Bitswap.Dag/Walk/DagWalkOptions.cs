using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.Walk;

/// <summary>Specifies how a <see cref="DagWalker"/> walks, and how far.</summary>
public sealed record DagWalkOptions
{
    /// <summary>Gets how many of the next blocks are asked for ahead of their turn, what lies below them included: 1 to 4096, by default 2048.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int ReadAhead
    {
        get;
        init => field = (int)InRange(value, 4096, nameof(ReadAhead));
    }
    = 2048;

    /// <summary>
    /// Gets how many bytes of blocks may be held ahead of their turn: 1 to 2^40, by default 64 MiB. A block that is on its way counts as what the block above says, and
    /// as twice the mean of those that came at the least; one that is larger than there is room for is let go, and asked for again at its turn. The next block and the three after it are asked for
    /// whatever is held.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public long MaxHeldBytes
    {
        get;
        init => field = InRange(value, 1L << 40, nameof(MaxHeldBytes));
    }
    = 64 << 20;

    /// <summary>Gets how many links may lie between a root and a block: 1 to 2^20, by default 4096.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxDepth
    {
        get;
        init => field = (int)InRange(value, 1 << 20, nameof(MaxDepth));
    }
    = 4096;

    /// <summary>Gets how many different blocks a walk may find: 1 to 2^31 - 1, by default 50 million, for each of which it keeps the CID.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public long MaxBlocks
    {
        get;
        init => field = InRange(value, int.MaxValue, nameof(MaxBlocks));
    }
    = 50_000_000;

    /// <summary>Gets how many links may wait for their turn: 1 to 2^26, by default 4 194 304.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxPendingLinks
    {
        get;
        init => field = (int)InRange(value, 1 << 26, nameof(MaxPendingLinks));
    }
    = 4_194_304;

    /// <summary>Gets how large each block may be.</summary>
    public DagLimits Limits { get; init; } = DagLimits.Default;

    /// <summary>
    /// Says the size of a block that has no links by its codec, so that the block itself need not be read. One of which it says null is read as the others
    /// are, and so are all such blocks without this. It may be called from several tasks at once.
    /// </summary>
    public LeafSizer? LeafSize { get; init; }

    private static long InRange(long value, long max, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
        return value;
    }
}

/// <summary>Says the size of a block that has no links, without reading it.</summary>
/// <param name="cid">The block.</param>
/// <param name="claimed">The size that the block above gives it; null where there is none above, or it says nothing. What is stored in another size is torn, or the claim is wrong.</param>
/// <param name="cancellationToken">Ends the wait.</param>
/// <returns>The size; null to have the block read, which then says whether it is there and whole.</returns>
public delegate ValueTask<long?> LeafSizer(Cid cid, long? claimed, CancellationToken cancellationToken);
