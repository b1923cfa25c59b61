namespace Bitswap.Protocol.Actions;

/// <summary>Ask the store for the sizes of blocks. Answered once by <see cref="BitswapEngine.BlocksChecked"/>.</summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Cids">The blocks; the answer has one size for each, in this order.</param>
public sealed record CheckBlocks(long RequestId, IReadOnlyList<Cid> Cids) : EngineAction;
