using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Gets the blocks of a save: from the bytes that are on the disk already, and else from the reader.</summary>
/// <param name="reader">Gives the blocks.</param>
/// <param name="limits">How far the tree is followed.</param>
internal sealed class SaveSource(UnixFsReader reader, ReadLimits limits)
{
    // walked from twice, and a store may keep nothing
    private ReadOnlyMemory<byte>? _root;

    /// <summary>Gets how far the tree is followed.</summary>
    public ReadLimits Limits { get; } = limits;

    /// <summary>Gets what an earlier save left; null where there is nothing.</summary>
    public string? Begun { get; init; }

    /// <summary>Gets what is where it is saved to; null where there is nothing.</summary>
    public string? Target { get; init; }

    /// <summary>Gets the block of an item.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> FetchAsync(ReadItem item, CancellationToken cancellationToken)
    {
        if (Begun is not null && await DiskBlocks.TryMakeAsync(item, Begun, cancellationToken).ConfigureAwait(false) is { } left)
        {
            item.Origin = BlockOrigin.Partial;
            return left;
        }

        if (Target is not null && await DiskBlocks.TryMakeAsync(item, Target, cancellationToken).ConfigureAwait(false) is { } same)
        {
            item.Origin = BlockOrigin.Target;
            return same;
        }

        if (item is EntryItem { IsRoot: true })
        {
            return _root ??= await reader.FetchAsync(item.Cid, cancellationToken).ConfigureAwait(false);
        }

        return await reader.FetchAsync(item.Cid, cancellationToken).ConfigureAwait(false);
    }
}
