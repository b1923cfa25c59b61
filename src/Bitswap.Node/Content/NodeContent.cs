using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Content;

/// <summary>Adds, pins and collects the graphs of a node.</summary>
public static class NodeContent
{
    /// <summary>Begins to add files and folders.</summary>
    /// <param name="node">The node.</param>
    /// <param name="options">What is added, and how.</param>
    /// <exception cref="DagException">InvalidProfile.</exception>
    /// <exception cref="BitswapException"><c>NodeStopped</c>.</exception>
    public static NodeImport BeginImport(this NodeHost node, UnixFsImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(options);
        node.EnsureRunning();
        options.Validate();
        GcLock hold = node.TakeOwnGcLock();
        return new NodeImport(new BlockBatch(node.Blocks, hold.NotePutAsync, node.AnnounceAsync), hold, options);
    }

    /// <summary>Pins a block that is stored, or can be fetched, whole with all below it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cid">The block.</param>
    /// <param name="recursive">Whether to keep everything below it.</param>
    /// <param name="name">What a person calls it; null for the name that a pin of it has already, or none.</param>
    /// <param name="reader">Who gives the blocks that are not stored, such as a <see cref="FetchSession"/>; null asks no peer.</param>
    /// <param name="count">Told of the bytes of each block that is there, from any thread.</param>
    /// <param name="cancellationToken">Ends it; what was fetched stays.</param>
    /// <exception cref="BitswapException"><c>DagIncomplete</c>: a block is missing or cannot be read, and nothing is pinned. <c>TooManyPins</c>. <c>StoreFailed</c>.
    /// <c>NodeStopped</c>. Of a single block, what its reader throws.</exception>
    public static async Task<Pin> PinAsync(
        this NodeHost node, Cid cid, bool recursive, string? name = null, BlockReader? reader = null, Action<long>? count = null, CancellationToken cancellationToken = default)
    {
        PinResult result = (await node.PinAsync([cid], recursive, name, reader, count, cancellationToken).ConfigureAwait(false))[0];
        return result.Pin ?? throw result.Error!;
    }

    /// <summary>Pins those of some blocks that are whole with all below them, and says of the others why they are not.</summary>
    /// <inheritdoc cref="PinAsync(NodeHost, Cid, bool, string?, BlockReader?, Action{long}?, CancellationToken)"/>
    public static Task<IReadOnlyList<PinResult>> PinAsync(
        this NodeHost node, IReadOnlyList<Cid> cids, bool recursive, string? name = null, BlockReader? reader = null, Action<long>? count = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.EnsureRunning();
        return new PinWalk(node, reader ?? NodeBlocks.Local(node), count ?? (_ => { })).PinAsync(cids, recursive, name, cancellationToken);
    }

    /// <summary>Takes a pin away, as <see cref="PinSet.RemoveAsync(Cid, CancellationToken)"/>.</summary>
    public static async ValueTask<bool> UnpinAsync(this NodeHost node, Cid cid, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.EnsureRunning();
        bool removed = await node.Pins.RemoveAsync(cid, cancellationToken).ConfigureAwait(false);
        if (removed)
        {
            node.RetryCollecting();
            await node.ReleaseUnpinnedAsync(cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>Finds out which blocks are not needed, so that they can be removed. Pins cannot change until the collection is disposed.</summary>
    /// <param name="node">The node.</param>
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
    public static Task<StoreCollection> BeginCollectionAsync(
        this NodeHost node, IReadOnlyList<Cid>? within = null, bool force = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        node.EnsureRunning();
        if (!force)
        {
            node.EnsureOwnStore();
        }

        return StoreCollection.BeginAsync(node, within, force, cancellationToken);
    }

    /// <summary>Lets a store in memory let go of what is pinned no longer.</summary>
    internal static async Task ReleaseUnpinnedAsync(this NodeHost node, CancellationToken cancellationToken)
    {
        if (node.Memory is not { } memory || !node.IsRunning)
        {
            return;
        }

        // Pins must not change here, so that what is pinned at the same time is not let go.
        await node.Pins.LockAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            memory.KeepPinned(await node.FindNeededAsync(force: true, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            node.Pins.Unlock();
        }
    }

    /// <summary>Returns the hashes of the blocks that are pinned or below a recursive pin. What lies below a block that is missing is not among them.</summary>
    internal static async Task<IReadOnlySet<Multihash>> FindPinnedAsync(this NodeHost node, CancellationToken cancellationToken)
    {
        node.EnsureRunning();
        return await node.FindNeededAsync(force: true, cancellationToken).ConfigureAwait(false);
    }
}
