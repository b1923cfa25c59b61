namespace Bitswap.Protocol;

/// <summary>One line of the table that tells why a want ended: who was asked and what they said.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Asked">When it was first asked, on the engine's clock.</param>
/// <param name="Kind">What it said.</param>
/// <param name="Latency">From asking to the answer; of a peer that is silent the time it has been so; null while it may still answer in time.</param>
public sealed record PeerAnswer(PeerId Peer, TimeSpan Asked, PeerAnswerKind Kind, TimeSpan? Latency);
