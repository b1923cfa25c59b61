using Bitswap.Node.Files;

namespace Bitswap.Node;

/// <content>What keeps blocks, and what lets them go.</content>
public sealed partial class NodeHost
{
    /// <summary>What the collection of unneeded blocks leaves alone.</summary>
    public PinSet Pins { get; }

    /// <summary>What keeps that collection off blocks in flight.</summary>
    internal StoreGuard Guard { get; } = new();

    /// <summary>Keeps the blocks that are put from now on, until it is disposed: for work that pins its root only when it is done.</summary>
    public BlockHold HoldBlocks()
    {
        EnsureRunning();
        return Guard.Hold();
    }

    /// <summary>Finds out which blocks nobody needs, so that they can be removed. Pins cannot change until the collection is disposed.</summary>
    /// <param name="within">The roots below which to look, with all below them; null looks at the whole store.</param>
    /// <param name="force">Whether to go on where a pinned graph is not whole, so that blocks below what is missing are taken.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="BitswapException"><c>PinIncomplete</c>: a block below a recursive pin is missing, so that what is below that one cannot
    /// be known. <c>StoreFailed</c>. <c>NodeStopped</c>.</exception>
    public Task<StoreCollection> BeginCollectionAsync(IReadOnlyList<Cid>? within = null, bool force = false, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        return StoreCollection.BeginAsync(this, within, force, cancellationToken);
    }

    /// <summary>To be awaited before a block is looked for in the store and put there by another way than <see cref="PutBlockAsync"/>.</summary>
    internal ValueTask NotePutAsync(Cid cid) => Guard.NotePutAsync(cid);
}
