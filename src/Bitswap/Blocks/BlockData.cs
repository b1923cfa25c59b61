namespace Bitswap.Blocks;

/// <summary>Data that is to become a block.</summary>
/// <param name="Data">The bytes.</param>
/// <param name="Target">What the user gave, for errors.</param>
/// <param name="Path">The file it came from, or null.</param>
/// <param name="Expected">The CID it comes with, or null.</param>
/// <param name="IsOurs">Whether the bytes are the block's own: no other code can write into them.</param>
internal sealed record BlockData(ReadOnlyMemory<byte> Data, object Target, string? Path, Cid? Expected, bool IsOurs);
