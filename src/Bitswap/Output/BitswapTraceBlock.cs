namespace Bitswap;

/// <summary>A block of a traced message, without its data.</summary>
/// <param name="Cid">Its CID.</param>
/// <param name="Size">The length of its data in bytes.</param>
public sealed record BitswapTraceBlock(string Cid, int Size)
{
    /// <inheritdoc/>
    public override string ToString() => Cid;
}
