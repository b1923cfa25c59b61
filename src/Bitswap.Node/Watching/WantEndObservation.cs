namespace Bitswap.Node.Watching;

/// <summary>A caller's want ended.</summary>
/// <param name="Time">When.</param>
/// <param name="WantId">The number of the want.</param>
/// <param name="Cid">What was wanted.</param>
/// <param name="Outcome">Null when it got what it wanted; else the error id, such as <c>BlockUnavailable</c> or <c>WantCancelled</c>.</param>
/// <param name="From">Who sent the block or said HAVE; null when the store had it, and when it did not come.</param>
public sealed record WantEndObservation(DateTimeOffset Time, long WantId, Cid Cid, string? Outcome, PeerId? From) : NodeObservation(Time);
