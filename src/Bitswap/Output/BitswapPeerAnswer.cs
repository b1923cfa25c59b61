namespace Bitswap;

/// <summary>What a peer said when it was asked for a block.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="Answer">Waiting, Have (but no block), DontHave, Silent, HungUp, WeHungUp, Reset, TooBig, Malformed, Unreachable or CannotAsk.</param>
/// <param name="Latency">From asking to the answer; of a peer that is silent the time it has been so; null while it may still answer in time.</param>
public sealed record BitswapPeerAnswer(string PeerId, string Answer, TimeSpan? Latency)
{
    /// <inheritdoc/>
    public override string ToString() => $"{PeerId} {Answer}";
}
