namespace Bitswap.Blocks;

/// <summary>How blocks are fetched and given out.</summary>
internal sealed record FetchOptions
{
    /// <summary>Whether only the node's own store is asked.</summary>
    public bool Local { get; init; }

    /// <summary>Higher is asked for first.</summary>
    public int Priority { get; init; } = 1;

    /// <summary>When each block's fetch is given up; null never.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many blocks are under way at once.</summary>
    public int ThrottleLimit { get; init; } = 64;

    /// <summary>Whether the story of each fetch is told: who is asked, who answers what, in what time.</summary>
    public bool Tell { get; init; }

    /// <summary>What is written.</summary>
    public FetchOutput Output { get; init; }
}

/// <summary>What comes of a fetched block.</summary>
internal enum FetchOutput
{
    /// <summary>A <see cref="BitswapBlock"/>.</summary>
    Block,

    /// <summary>Its bytes, as one array.</summary>
    Bytes,

    /// <summary>Its text.</summary>
    Text,
}
