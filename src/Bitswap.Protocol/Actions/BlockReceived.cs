namespace Bitswap.Protocol.Actions;

/// <summary>Wants ended well: the block is here, and stored. Each want id ends with exactly one action.</summary>
/// <param name="WantIds">The wants that named the block by this CID.</param>
/// <param name="Block">The block, under the CID that those wants asked for it by.</param>
/// <param name="From">Who sent it; null when it was found in the store.</param>
public sealed record BlockReceived(IReadOnlyList<long> WantIds, Block Block, PeerId? From) : EngineAction;
