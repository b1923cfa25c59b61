using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Abstractions;

/// <summary>Represents one line of the table that tells why a want ended: who was asked and what they said.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Asked">When it was first asked, on the engine's clock; of one that was not, when it was lost.</param>
/// <param name="Kind">What it said.</param>
/// <param name="Latency">From asking to the answer; of a peer that is silent the time it has been so; null while it may still answer in time.</param>
/// <param name="Detail">What more there is to say of it, such as why a connection was closed; null when there is nothing.</param>
public sealed record PeerAnswer(PeerId Peer, TimeSpan Asked, PeerAnswerKind Kind, TimeSpan? Latency, string? Detail = null);

/// <summary>Specifies what a peer said when it was asked for a block.</summary>
public enum PeerAnswerKind
{
    /// <summary>Nothing yet.</summary>
    Waiting = 0,

    /// <summary>HAVE, but the block did not come (yet).</summary>
    Have = 1,

    /// <summary>DONT_HAVE.</summary>
    DontHave = 2,

    /// <summary>Nothing, for the time that the latency tells: longer than an answer of this peer should take.</summary>
    Silent = 4,

    /// <summary>It closed the connection, or was lost, before it sent the block or said that it has none.</summary>
    HungUp = 5,

    /// <summary>Not asked: its version of the protocol has no WANT_HAVE.</summary>
    CannotAsk = 6,

    /// <summary>This side closed the connection before it sent the block or said that it has none; the detail tells why.</summary>
    WeHungUp = 7,

    /// <summary>Not asked: it could not be dialled; the detail tells what was met.</summary>
    Unreachable = 8,

    /// <summary>It broke off a stream, and the block did not come.</summary>
    Reset = 9,

    /// <summary>It sent a message, or a block, that is larger than what is taken.</summary>
    TooBig = 10,

    /// <summary>It sent a message that cannot be read.</summary>
    Malformed = 11,

    /// <summary>It sent a block that was not asked of it, and not the one that was.</summary>
    WrongBlock = 12,

    /// <summary>It sent a block under a hash function, or a length of digest, that is not accepted.</summary>
    UnknownHash = 13,

    /// <summary>Not asked: it is connected and speaks no version of Bitswap that this side does.</summary>
    NoBitswap = 14,

    /// <summary>Not asked: it offers no security in common, neither Noise nor TLS.</summary>
    NoSecurity = 15,

    /// <summary>Not asked: it offers no stream muxer in common, as mplex without yamux.</summary>
    NoMuxer = 16,

    /// <summary>Not asked: it is of a private network, to which a swarm key belongs.</summary>
    PrivateNetwork = 17,

    /// <summary>Not asked: none of its addresses is of a transport that is spoken here, as QUIC, WebSocket or relay.</summary>
    NoTransport = 18,

    /// <summary>Not asked: another peer answers at its addresses.</summary>
    WrongPeer = 19,

    /// <summary>It did not give the block, and did not say that it has none; the detail tells what it answered, as the status of a gateway.</summary>
    Refused = 20,
}

/// <summary>Represents how the connection to a peer ended.</summary>
/// <param name="CanReturn">Whether the host knows an address to dial the peer at again, and may.</param>
/// <param name="ByUs">Whether this side closed it.</param>
/// <param name="Reason">Why, for a report; null when nothing is known.</param>
public sealed record PeerLoss(bool CanReturn, bool ByUs, string? Reason)
{
    /// <summary>Gets a loss for good: the peer is gone, and nothing is known of where it could be dialled.</summary>
    public static PeerLoss ForGood { get; } = new(false, false, null);
}
