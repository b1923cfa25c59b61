namespace Bitswap.Node.Watching;

/// <summary>A block of a message without its data.</summary>
/// <param name="Cid">Its CID.</param>
/// <param name="Size">The length of its data in bytes.</param>
public readonly record struct BlockSummary(Cid Cid, int Size);
