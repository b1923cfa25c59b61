using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>What came of an import.</summary>
/// <param name="Cid">The root.</param>
/// <param name="Type">What the root is: <see cref="UnixFsType.File"/>, <see cref="UnixFsType.Directory"/> (sharded or not) or
/// <see cref="UnixFsType.Symlink"/>.</param>
/// <param name="Size">The bytes of the files in it.</param>
/// <param name="DagSize">The bytes of its blocks, each counted as often as it is linked; what <c>ipfs files stat</c> calls the cumulative size.</param>
public sealed record UnixFsImport(Cid Cid, UnixFsType Type, long Size, ulong DagSize)
{
    /// <summary>
    /// What a folder has and could not be imported, since it has no content: pipes, sockets, devices, and links to nothing where links are followed. An
    /// error for each of the first 1000, and one for the others together.
    /// </summary>
    public IReadOnlyList<DagException> Skipped { get; init; } = [];
}
