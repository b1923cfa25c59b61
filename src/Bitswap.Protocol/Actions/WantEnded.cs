namespace Bitswap.Protocol.Actions;

/// <summary>A want ended without what it wanted.</summary>
/// <param name="WantId">The want.</param>
/// <param name="Reason">Why.</param>
/// <param name="Answers">Who was asked and what each said; empty when nobody was.</param>
/// <param name="Detail">For <see cref="WantEndReason.StoreFailed"/> what the store said, for <see cref="WantEndReason.Refused"/> why; otherwise null.</param>
public sealed record WantEnded(long WantId, WantEndReason Reason, IReadOnlyList<PeerAnswer> Answers, string? Detail = null) : EngineAction;
