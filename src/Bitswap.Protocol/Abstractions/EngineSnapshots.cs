using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Abstractions;

/// <summary>Represents one line of this node's own wantlist.</summary>
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

/// <summary>Specifies where a want of this node is on its way.</summary>
public enum WantlistState
{
    /// <summary>The store is being asked.</summary>
    Looking = 0,

    /// <summary>Held back: no peer, or none with room.</summary>
    Waiting = 1,

    /// <summary>Peers are being asked.</summary>
    Asking = 2,

    /// <summary>All that may be asked said no; new peers will be asked.</summary>
    NotFound = 3,

    /// <summary>The block came and is being stored.</summary>
    Storing = 4,
}

/// <summary>Represents one line of a peer's wantlist.</summary>
/// <param name="Peer">Who wants it.</param>
/// <param name="Cid">What.</param>
/// <param name="Priority">Higher first.</param>
/// <param name="Type">Block, or word of it.</param>
/// <param name="HasBlock">Whether the block is here and its answer is under way; false while it is missing or not yet looked up.</param>
/// <param name="Since">When the peer first asked, on the engine's clock.</param>
public sealed record PeerWantlistItem(PeerId Peer, Cid Cid, int Priority, WantType Type, bool HasBlock, TimeSpan Since);

/// <summary>Represents what the engine knows of a connected peer.</summary>
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

/// <summary>Represents what went back and forth between a peer and this node, across connections.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="IsConnected">Whether it is connected now.</param>
/// <param name="BytesSent">Bytes of blocks sent to it.</param>
/// <param name="BytesReceived">Bytes of wanted blocks received from it.</param>
/// <param name="BlocksSent">Blocks sent to it.</param>
/// <param name="BlocksReceived">Wanted blocks received from it.</param>
/// <param name="Score">Bytes of wanted blocks received from it, each byte counting half after ten minutes: what a connection to it is worth.</param>
public sealed record LedgerSnapshot(
    PeerId Peer, bool IsConnected, long BytesSent, long BytesReceived, long BlocksSent, long BlocksReceived, double Score)
{
    /// <summary>Gets sent / (received + 1), in bytes, as boxo reckons it: above one, the peer owes.</summary>
    public double DebtRatio => BytesSent / (BytesReceived + 1.0);
}
