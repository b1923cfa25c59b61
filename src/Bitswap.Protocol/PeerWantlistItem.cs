using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol;

/// <summary>One line of a peer's wantlist.</summary>
/// <param name="Peer">Who wants it.</param>
/// <param name="Cid">What.</param>
/// <param name="Priority">Higher first.</param>
/// <param name="Type">Block, or word of it.</param>
/// <param name="HasBlock">Whether the block is here and its answer is under way; false while it is missing or not yet looked up.</param>
/// <param name="Since">When the peer first asked, on the engine's clock.</param>
public sealed record PeerWantlistItem(PeerId Peer, Cid Cid, int Priority, WantType Type, bool HasBlock, TimeSpan Since);
