namespace Bitswap.Blocks;

/// <summary>How large a block may be.</summary>
internal static class BlockLimits
{
    /// <summary>What every peer must take (Bitswap specification): 2 MiB.</summary>
    public const int Portable = 2 * 1024 * 1024;

    /// <summary>What fits into one message with a CIDv1 of raw data and sha2-256 (kubo test/cli/block_size_test.go).</summary>
    public const int Sendable = 4_194_286;
}
