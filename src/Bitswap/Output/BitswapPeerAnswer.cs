namespace Bitswap;

/// <summary>What a peer said when it was asked for a block.</summary>
/// <param name="PeerId">The peer.</param>
/// <param name="Answer">Waiting, Have, DontHave, Simulated (asked for the block it said nothing, which is taken for no), Silent, Disconnected or CannotAsk.</param>
/// <param name="Latency">From asking to the answer, or to giving up; null while neither has happened.</param>
public sealed record BitswapPeerAnswer(PeerId PeerId, string Answer, TimeSpan? Latency)
{
    /// <inheritdoc/>
    public override string ToString() => $"{PeerId} {Answer}";
}
