namespace Bitswap;

/// <summary>One entry of a traced message's wantlist.</summary>
/// <param name="Cid">What it is about.</param>
/// <param name="Type">Block, Have or Cancel.</param>
/// <param name="Priority">Higher is served first; 0 for a cancel.</param>
/// <param name="SendDontHave">Whether the sender wants to be told when the block is not there.</param>
public sealed record BitswapTraceEntry(string Cid, string Type, int Priority, bool SendDontHave)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Cid}";
}
