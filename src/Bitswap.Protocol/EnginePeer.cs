namespace Bitswap.Protocol;

/// <summary>What the engine knows of a connected peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Version">The form of the protocol that it is spoken to in.</param>
/// <param name="Latency">From asking to an answer, a moving mean; null before it was measured.</param>
/// <param name="OutstandingWants">Wants that it is told of: those it has not answered, and those it answered without the block that it may keep.</param>
/// <param name="QueuedWants">Wants that it is to be told of.</param>
/// <param name="Wants">Wants of its own that are kept.</param>
/// <param name="QueuedReplies">Answers to it that are queued.</param>
/// <param name="PendingBytes">Bytes of blocks queued for it, being read or being sent.</param>
public sealed record EnginePeer(
    PeerId Peer, BitswapVersion Version, TimeSpan? Latency, int OutstandingWants, int QueuedWants, int Wants, int QueuedReplies, long PendingBytes);
