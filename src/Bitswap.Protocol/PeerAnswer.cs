namespace Bitswap.Protocol;

/// <summary>One line of the table that tells why a want ended: who was asked and what they said.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Asked">When it was first asked, on the engine's clock; of one that was not, when it was lost.</param>
/// <param name="Kind">What it said.</param>
/// <param name="Latency">From asking to the answer; of a peer that is silent the time it has been so; null while it may still answer in time.</param>
/// <param name="Detail">What more there is to say of it, such as why a connection was closed; null when there is nothing.</param>
public sealed record PeerAnswer(PeerId Peer, TimeSpan Asked, PeerAnswerKind Kind, TimeSpan? Latency, string? Detail = null);
