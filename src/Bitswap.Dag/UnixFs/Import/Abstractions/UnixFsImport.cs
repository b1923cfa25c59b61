using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>Represents the result of an import.</summary>
/// <param name="Cid">The root.</param>
/// <param name="Type">What the root is: <see cref="UnixFsType.File"/>, <see cref="UnixFsType.Directory"/> (sharded or not) or
/// <see cref="UnixFsType.Symlink"/>.</param>
/// <param name="Size">The bytes of the files in it.</param>
/// <param name="DagSize">The bytes of its blocks, each counted as often as it is linked; what <c>ipfs files stat</c> calls the cumulative size.</param>
public sealed record UnixFsImport(Cid Cid, UnixFsType Type, long Size, ulong DagSize)
{
    /// <summary>
    /// Gets what a folder has and could not be imported, since it has no content: pipes, sockets, devices, and links to nothing where links are followed. An
    /// error for each of the first 1000, and one for the others together.
    /// </summary>
    public IReadOnlyList<DagException> Skipped { get; init; } = [];
}

/// <summary>Represents how far an import is. It is written by the import's tasks and may be read from any thread.</summary>
public sealed class ImportProgress
{
    private long _bytes;
    private long _files;
    private long _totalBytes;

    /// <summary>Gets the bytes of files that are hashed and handed on.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Gets the files that are done.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>Gets the bytes of the files found so far; it grows while folders are read.</summary>
    public long TotalBytes => Interlocked.Read(ref _totalBytes);

    internal void AddBytes(long count) => Interlocked.Add(ref _bytes, count);

    internal void AddFile() => Interlocked.Increment(ref _files);

    internal void AddTotal(long count) => Interlocked.Add(ref _totalBytes, count);
}
