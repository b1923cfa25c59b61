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

    /// <summary>It went away before it answered.</summary>
    Disconnected = 5,

    /// <summary>Not asked: its version of the protocol has no WANT_HAVE.</summary>
    CannotAsk = 6,
}
