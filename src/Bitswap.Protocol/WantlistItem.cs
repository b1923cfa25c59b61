using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol;

/// <summary>One line of this node's own wantlist.</summary>
/// <param name="WantId">The caller's interest.</param>
/// <param name="Cid">As that caller named it.</param>
/// <param name="Priority">Higher first.</param>
/// <param name="Type">Block, or word of it.</param>
/// <param name="SessionId">The caller's session.</param>
/// <param name="Since">When the multihash was first wanted, on the engine's clock.</param>
/// <param name="State">Where it is on its way.</param>
/// <param name="Answers">Who was asked and what they said so far.</param>
public sealed record WantlistItem(
    long WantId, Cid Cid, int Priority, WantType Type, long SessionId, TimeSpan Since, WantlistState State, IReadOnlyList<PeerAnswer> Answers);
