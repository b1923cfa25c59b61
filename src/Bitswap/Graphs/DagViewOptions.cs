namespace Bitswap.Graphs;

/// <summary>How much of a graph is shown.</summary>
internal sealed record DagViewOptions
{
    /// <summary>How many links down from the root, 0 or more.</summary>
    public int Depth { get; init; } = 64;

    /// <summary>How many blocks in all, 1 or more.</summary>
    public int Limit { get; init; } = 1000;

    /// <summary>How many links of one block, 0 or more.</summary>
    public int LinkLimit { get; init; } = 32;
}
