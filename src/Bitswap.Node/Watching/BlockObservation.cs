namespace Bitswap.Node.Watching;

/// <summary>A wanted block came from a peer and is stored.</summary>
/// <param name="Time">When it was stored.</param>
/// <param name="Peer">Who sent it.</param>
/// <param name="Cid">Its CID.</param>
/// <param name="Size">The length of its data in bytes.</param>
public sealed record BlockObservation(DateTimeOffset Time, PeerId Peer, Cid Cid, int Size) : NodeObservation(Time);
