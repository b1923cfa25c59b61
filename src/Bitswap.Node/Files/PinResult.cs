namespace Bitswap.Node.Files;

/// <summary>What became of a root that was to be pinned.</summary>
/// <param name="Root">The root.</param>
/// <param name="Pin">Its pin; null where it was not pinned.</param>
/// <param name="Error">Why it was not pinned; null where it was. <c>DagIncomplete</c>: a block of its graph is missing or cannot be read.</param>
public sealed record PinResult(Cid Root, Pin? Pin, BitswapException? Error);
