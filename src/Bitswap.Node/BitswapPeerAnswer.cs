using Bitswap.Protocol;

namespace Bitswap;

/// <summary>What a peer said when it was asked for a block.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="Answer">
/// What it said or did last: Waiting, Have (but no block), DontHave, Silent, HungUp, WeHungUp, Reset, WrongBlock, UnknownHash, TooBig, Malformed; or why it was not asked:
/// CannotAsk (its version has no WANT_HAVE), NoBitswap, Unreachable, NoTransport, NoSecurity, NoMuxer, PrivateNetwork, WrongPeer.
/// </param>
/// <param name="Latency">From asking to the answer; of a peer that is silent the time it has been so; null while it may still answer in time.</param>
/// <param name="Detail">What more there is to say, such as who closed the connection and why; null when there is nothing.</param>
public sealed record BitswapPeerAnswer(string PeerId, string Answer, TimeSpan? Latency, string? Detail)
{
    internal BitswapPeerAnswer(PeerAnswer answer)
        : this(answer.Peer.ToString(), answer.Kind.ToString(), answer.Latency, answer.Detail)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => $"{PeerId} {Answer}";
}
