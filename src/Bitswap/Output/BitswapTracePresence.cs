namespace Bitswap;

/// <summary>A HAVE or DONT_HAVE of a traced message.</summary>
/// <param name="Cid">What it is about.</param>
/// <param name="Type">Have or DontHave.</param>
public sealed record BitswapTracePresence(string Cid, string Type)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Cid}";
}
