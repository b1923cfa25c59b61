namespace Bitswap.Protocol.Actions;

/// <summary>Read blocks from the store. Answered once by <see cref="BitswapEngine.BlocksLoaded"/>.</summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Cids">The blocks; the answer has one element for each, in this order.</param>
public sealed record LoadBlocks(long RequestId, IReadOnlyList<Cid> Cids) : EngineAction;
