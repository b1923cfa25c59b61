namespace Bitswap.Dag.UnixFs.Read;

/// <summary>What a path leads to.</summary>
/// <param name="Cid">The block.</param>
public sealed record ResolvedPath(Cid Cid)
{
    /// <summary>What there is to tell of the way: directories that have more than one entry of the name that was followed.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
