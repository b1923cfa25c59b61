using System.Runtime.CompilerServices;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>
/// Reads files and directories out of a graph of blocks. Only the blocks that a question needs are asked for; what comes next is asked for ahead.
/// Thread-safe.
/// </summary>
/// <param name="blocks">Who gives the blocks. Those that follow from their CIDs are not asked for.</param>
/// <param name="limits">How far a graph is followed; null for the defaults.</param>
public sealed class UnixFsReader(BlockReader blocks, ReadLimits? limits = null)
{
    /// <summary>Gets how far a graph is followed.</summary>
    public ReadLimits Limits { get; } = limits ?? new ReadLimits();

    /// <summary>Returns the CID that a path leads to: through directories, and through dag-cbor and dag-json. Only the blocks on the way are asked for.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="DagException">
    /// <c>PathNotFound</c>, also where it leads to a value within a block; <c>NotADirectory</c>; <c>UnsupportedCodec</c>; a block on the way is malformed.
    /// </exception>
    public ValueTask<ResolvedPath> ResolveAsync(ContentPath path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Names.Count == 0 ? new(new ResolvedPath(path.Root)) : new PathResolver(blocks, Limits, path).ResolveAsync(cancellationToken);
    }

    /// <summary>Returns what a CID holds: first itself, then the entries of a directory, depth first. Entries come as their blocks do, in their order.</summary>
    /// <param name="root">A file, directory or symlink.</param>
    /// <param name="recurse">Whether the entries of directories below the first come, too.</param>
    /// <param name="onGap">
    /// Told, at its turn, of a block below the root that cannot be had or read, without which the listing goes on; the entry whose root it is comes right
    /// after. Null ends the listing there.
    /// </param>
    /// <param name="cancellationToken">Ends the walk.</param>
    /// <exception cref="DagException">A block is malformed; <c>DagLimitExceeded</c>.</exception>
    public async IAsyncEnumerable<UnixFsEntry> ListAsync(
        Cid root, bool recurse, Action<UnixFsGap>? onGap = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        EntryItem first = new(new WalkContext(Limits) { Recurse = recurse, OnGap = onGap }, root);
        await using ReadAhead ahead = Ahead(first, cancellationToken);
        while (await ahead.NextAsync().ConfigureAwait(false) is { } item)
        {
            if (item is EntryItem entry)
            {
                yield return entry.Entry;
            }
        }
    }

    /// <summary>Returns the bytes of a file in order, in pieces; each is good until the next is asked for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">The first byte, 0 or more; past the end there is nothing.</param>
    /// <param name="count">How many bytes at most; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DagException"><c>NotAFile</c>; a block is malformed; <c>DagLimitExceeded</c>.</exception>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Cid file, long offset = 0, long? count = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count ?? 0, nameof(count));
        long to = count is { } some && some < long.MaxValue - offset ? offset + some : long.MaxValue;
        EntryItem first = new(new WalkContext(Limits) { Contents = true, From = offset, To = to, FileOnly = true }, file);
        await using ReadAhead ahead = Ahead(first, cancellationToken);
        while (await ahead.NextAsync().ConfigureAwait(false) is { } item)
        {
            if (item is IFileBytes { Data.IsEmpty: false } bytes)
            {
                yield return bytes.Data;
            }
        }
    }

    /// <summary>Gets a block; one that follows from its CID is there already.</summary>
    internal ValueTask<ReadOnlyMemory<byte>> FetchAsync(Cid cid, CancellationToken cancellationToken) => blocks.GetAsync(cid, cancellationToken);

    private ReadAhead Ahead(ReadItem first, CancellationToken cancellationToken) =>
        new(first, (item, cancellation) => FetchAsync(item.Cid, cancellation), Limits, cancellationToken);
}
