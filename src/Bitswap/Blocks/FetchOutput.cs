namespace Bitswap.Blocks;

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
