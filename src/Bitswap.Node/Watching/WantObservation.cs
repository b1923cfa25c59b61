
namespace Bitswap.Node.Watching;

/// <summary>A caller wants a block, or word of it.</summary>
/// <param name="Time">When.</param>
/// <param name="WantId">The number of the want, unique in its node.</param>
/// <param name="Cid">What is wanted.</param>
/// <param name="Type">Block, or word of it.</param>
/// <param name="Priority">Higher is asked for first.</param>
/// <param name="Session">The session; 0 for none.</param>
/// <param name="OnlyPeers">The only peers that may be asked; null for whoever may have it.</param>
/// <param name="SkipsStore">Whether the store counts for nothing.</param>
public sealed record WantObservation(
    DateTimeOffset Time, long WantId, Cid Cid, WantType Type, int Priority, long Session, IReadOnlyList<PeerId>? OnlyPeers, bool SkipsStore = false)
    : NodeObservation(Time);
