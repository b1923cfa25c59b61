using Bitswap.Dag;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Files;

namespace Bitswap.Node;

/// <content>What keeps blocks, and what lets them go.</content>
public sealed partial class NodeHost
{
    /// <summary>What the collection of unneeded blocks leaves alone. Blocks are pinned with <see cref="PinAsync(Cid, bool, string?, BlockReader?, Action{long}?, CancellationToken)"/>.</summary>
    public PinSet Pins { get; }

    /// <summary>The store, where it is one in memory, which lets go of blocks by itself.</summary>
    internal MemoryBlockstore? Memory => _store as MemoryBlockstore;

    /// <summary>What keeps that collection off blocks in flight.</summary>
    internal StoreGuard Guard { get; } = new();

    /// <summary>Keeps the blocks that are put from now on, until it is disposed: for work that pins its root only when it is done.</summary>
    public BlockHold HoldBlocks()
    {
        EnsureRunning();
        return Guard.Hold();
    }

    /// <summary>Pins a block that is stored, or can be fetched, whole with all below it.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="recursive">Whether to keep everything below it.</param>
    /// <param name="name">What a person calls it; null for the name that a pin of it has already, or none.</param>
    /// <param name="reader">Who gives the blocks that are not stored, such as a <see cref="FetchSession"/>; null asks nobody.</param>
    /// <param name="count">Told of the bytes of each block that is there, from any thread.</param>
    /// <param name="cancellationToken">Ends it; what was fetched stays.</param>
    /// <exception cref="BitswapException"><c>DagIncomplete</c>: a block is missing or cannot be read, and nothing is pinned. <c>TooManyPins</c>. <c>StoreFailed</c>.
    /// <c>NodeStopped</c>. Of a single block, what its reader throws.</exception>
    public async Task<Pin> PinAsync(
        Cid cid, bool recursive, string? name = null, BlockReader? reader = null, Action<long>? count = null, CancellationToken cancellationToken = default)
    {
        PinResult result = (await PinAsync([cid], recursive, name, reader, count, cancellationToken).ConfigureAwait(false))[0];
        return result.Pin ?? throw result.Error!;
    }

    /// <summary>Pins those of some blocks that are whole with all below them, and says of the others why they are not.</summary>
    /// <inheritdoc cref="PinAsync(Cid, bool, string?, BlockReader?, Action{long}?, CancellationToken)"/>
    public Task<IReadOnlyList<PinResult>> PinAsync(
        IReadOnlyList<Cid> cids, bool recursive, string? name = null, BlockReader? reader = null, Action<long>? count = null, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        return new PinWalk(this, reader ?? NodeBlocks.Local(this), count ?? (_ => { })).PinAsync(cids, recursive, name, cancellationToken);
    }

    /// <summary>Takes a pin away, as <see cref="PinSet.RemoveAsync(Cid, CancellationToken)"/>.</summary>
    public async ValueTask<bool> UnpinAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        bool removed = await Pins.RemoveAsync(cid, cancellationToken).ConfigureAwait(false);
        if (removed)
        {
            await ReleaseUnpinnedAsync(cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>Lets a store in memory let go of what is pinned no longer.</summary>
    internal async Task ReleaseUnpinnedAsync(CancellationToken cancellationToken)
    {
        if (Memory is not { } memory || !IsRunning)
        {
            return;
        }

        // while pins cannot change, so that what is pinned meanwhile is not let go
        await Pins.LockAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            memory.KeepPinned(await PinnedBlocks.FindAsync(this, force: true, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            Pins.Unlock();
        }
    }

    /// <summary>Finds out which blocks nobody needs, so that they can be removed. Pins cannot change until the collection is disposed.</summary>
    /// <param name="within">The roots below which to look, with all below them; null looks at the whole store.</param>
    /// <param name="force">
    /// Whether to go on where a pinned graph is not whole, so that blocks below what is missing are taken, and where the store is none that this module made, so
    /// that what its owner has pinned is taken.
    /// </param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="BitswapException">
    /// <c>ForeignStore</c>: the store was not made by this module. <c>PinIncomplete</c>: a block below a recursive pin is missing, so that what is below that one
    /// cannot be known. <c>StoreFailed</c>. <c>NodeStopped</c>.
    /// </exception>
    public Task<StoreCollection> BeginCollectionAsync(IReadOnlyList<Cid>? within = null, bool force = false, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        if (!force)
        {
            EnsureOwnStore();
        }

        return StoreCollection.BeginAsync(this, within, force, cancellationToken);
    }

    /// <summary>Refuses to remove anything from a store that is somebody else's.</summary>
    /// <exception cref="BitswapException"><c>ForeignStore</c>: the store is a folder of flat files that this module did not make.</exception>
    internal void EnsureOwnStore()
    {
        if (_store is FlatFileBlockstore { Owner: { } owner } files)
        {
            throw NodeErrors.ForeignStore(files.Path, owner);
        }
    }

    /// <summary>The hashes of the blocks that are pinned or below a recursive pin. What lies below a block that is missing is not among them.</summary>
    internal async Task<IReadOnlySet<Multihash>> FindPinnedAsync(CancellationToken cancellationToken)
    {
        EnsureRunning();
        return await PinnedBlocks.FindAsync(this, force: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>To be awaited before a block is looked for in the store and put there by another way than <see cref="PutBlockAsync"/>.</summary>
    internal ValueTask NotePutAsync(Cid cid) => Guard.NotePutAsync(cid);
}
