namespace Bitswap.Protocol;

/// <summary>What a peer said when it was asked for a block.</summary>
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
}
