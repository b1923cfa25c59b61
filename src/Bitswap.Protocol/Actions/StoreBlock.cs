namespace Bitswap.Protocol.Actions;

/// <summary>
/// Write a block that was wanted to the store. Answered once by <see cref="BitswapEngine.BlockStored"/>; do not answer it with
/// <see cref="BitswapEngine.BlockAdded"/> as well.
/// </summary>
/// <param name="RequestId">What the answer names.</param>
/// <param name="Block">The block under the CID that it was first asked for by.</param>
/// <param name="From">Who sent it.</param>
public sealed record StoreBlock(long RequestId, Block Block, PeerId From) : EngineAction;
