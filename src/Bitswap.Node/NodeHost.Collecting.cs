using Bitswap.Node.Blockstores;
using Bitswap.Node.Collecting;
using Bitswap.Node.Repositories;

namespace Bitswap.Node;

/// <content>Keeping a repository within its bound.</content>
public sealed partial class NodeHost
{
    private StoreCollector? _collector;

    /// <summary>Gets whether the blocks are in a repository that holds so many bytes and no more.</summary>
    internal bool IsBounded => BoundedStore is not null;

    /// <summary>Gets what the pins need.</summary>
    internal PinnedBlocks PinnedBlocks => field ??= new PinnedBlocks(
        Pins, async (cid, token) => await ReadLocalAsync(cid, token).ConfigureAwait(false) ?? throw NodeErrors.BlockNotFound(cid), _store.GetSizeAsync);

    private FlatFileBlockstore? BoundedStore => _repository?.Blocks is { Quota: not null } blocks && ReferenceEquals(blocks, _store) ? blocks : null;

    /// <summary>Returns the hashes of what is pinned and of all below recursive pins.</summary>
    /// <param name="force">Whether to go on where a graph is not whole; what lies below a gap is not found then.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="BitswapException"><c>PinIncomplete</c>. <c>NodeStopped</c>.</exception>
    internal Task<HashSet<Multihash>> FindNeededAsync(bool force, CancellationToken cancellationToken) => PinnedBlocks.FindAsync(force, cancellationToken);

    /// <summary>Looks again whether there is something to collect: pins have gone.</summary>
    internal void RetryCollecting() => _collector?.Retry();

    private static StoreQuota? QuotaOf(NodeOptions options) => options.StorageMax == 0
        ? null
        : new StoreQuota(options.StorageMax, options.StorageHighWater, options.StorageLowWater)
        {
            CountFile = System.IO.Path.Combine(System.IO.Path.GetFullPath(options.Path!), Repository.CountFileName),
        };

    // what another program keeps there is none of this module's to remove
    private void EnsureCanCollect()
    {
        if (IsBounded)
        {
            EnsureOwnStore();
        }
    }

    private void StartCollecting()
    {
        if (BoundedStore is { } store)
        {
            AddedBlocks added = new(System.IO.Path.Combine(_repository!.Path, AddedBlocks.FileName), _log);
            _collector = new StoreCollector(store, PinnedBlocks, added, GcLocker, (cid, token) => RemoveBlockAsync(cid, token), _options.Clock, _log);
        }
    }

    private void NoteAdded(Cid cid) => _collector?.Added.Note(cid.Hash);

    private void NoteUse(Cid cid) => _collector?.NoteUse(cid);
}
