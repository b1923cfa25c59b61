using Bitswap.Multiformats;

namespace Bitswap.Blocks;

/// <summary>How large a block may be.</summary>
internal static class BlockLimits
{
    /// <summary>What every peer must take (Bitswap specification): 2 MiB.</summary>
    public const int Portable = 2 * 1024 * 1024;

    /// <summary>The most that any block may have; under a CID with a longer prefix it is a few bytes less.</summary>
    public const int Sendable = BlockRule.MaxBlockSize;
}
