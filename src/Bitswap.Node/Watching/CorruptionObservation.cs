namespace Bitswap.Node.Watching;

/// <summary>A stored block was found corrupt when it was read, and is offered no more.</summary>
/// <param name="Time">When.</param>
/// <param name="Cid">The block.</param>
/// <param name="Reason">What is wrong with it, and where it is stored.</param>
public sealed record CorruptionObservation(DateTimeOffset Time, Cid Cid, string Reason) : NodeObservation(Time);
