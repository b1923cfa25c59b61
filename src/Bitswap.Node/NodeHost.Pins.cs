using Bitswap.Node.Blockstores;
using Bitswap.Node.Repositories;

namespace Bitswap.Node;

/// <content>Keeps blocks and lets them go.</content>
public sealed partial class NodeHost
{
    /// <summary>Gets what the collection of unneeded blocks leaves alone.</summary>
    public PinSet Pins { get; }

    /// <summary>Gets the store, where it is one that lets go of blocks by itself.</summary>
    internal IEvictingBlockstore? Memory => _store as IEvictingBlockstore;

    /// <summary>Gets what keeps that collection off blocks in flight.</summary>
    internal GcLocker GcLocker { get; } = new();

    /// <summary>Keeps the blocks that are put from now on, until it is disposed: for work that pins its root only when it is done.</summary>
    public GcLock TakeGcLock()
    {
        EnsureRunning();
        return GcLocker.Lock();
    }

    /// <summary>Keeps the blocks that are put with it, until it is disposed.</summary>
    internal GcLock TakeOwnGcLock()
    {
        EnsureRunning();
        return GcLocker.LockOwn();
    }

    /// <summary>Refuses to remove anything from a store that another program made.</summary>
    /// <exception cref="BitswapException"><c>ForeignStore</c>: the store is a folder of flat files that this module did not make.</exception>
    internal void EnsureOwnStore()
    {
        if (_store is IOwnedBlockstore { Owner: { } owner } owned)
        {
            throw NodeErrors.ForeignStore(owned.Path, owner);
        }
    }

    /// <summary>To be awaited before a block is looked for in the store and put there by another way than <see cref="PutBlockAsync"/>.</summary>
    internal ValueTask NotePutAsync(Cid cid) => GcLocker.NotePutAsync(cid);

    /// <summary>Tells the engine of blocks that were put into the store by another way than <see cref="PutBlockAsync"/>.</summary>
    internal ValueTask AnnounceAsync(IReadOnlyList<(Cid Cid, int Size)> blocks, CancellationToken cancellationToken)
    {
        foreach ((Cid cid, _) in blocks)
        {
            _verified.Forget(cid);
            NoteAdded(cid);
            NoteStored(cid);
        }

        return PostAsync(
            (engine, now) =>
            {
                foreach ((Cid cid, int size) in blocks)
                {
                    engine.BlockAdded(cid, size, now);
                }
            },
            cancellationToken);
    }
}
