using System.Runtime.CompilerServices;
using Bitswap.Dag.Walk;
using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Content;

/// <summary>
/// The removal of blocks that are not needed: those that are not pinned, not below a recursive pin, and not put while a <see cref="GcLock"/>
/// or this was open. First what there is to remove is found out; <see cref="RemoveAsync(CancellationToken)"/> does it. Pins cannot change until it is disposed. One caller at
/// a time.
/// </summary>
public sealed class StoreCollection : IAsyncDisposable
{
    private readonly NodeHost _node;
    private readonly GcLocker _guard;
    private readonly LinkedListNode<long> _opened;
    private Task<bool> _removal = Task.FromResult(false);
    private bool _disposed;

    private StoreCollection(NodeHost node)
    {
        _node = node;
        _guard = node.GcLocker;
        _opened = _guard.Open();
    }

    /// <summary>Gets the blocks that are to be removed.</summary>
    public IReadOnlyList<StoredBlock> Candidates { get; private set; } = [];

    /// <summary>Gets the bytes of the blocks that are to be removed.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets how many of the blocks that were looked at stay because they are pinned or in flight.</summary>
    public long Kept { get; private set; }

    /// <summary>Ends the collection: pins may change again, at once or when the store is done with a removal that was given up.</summary>
    public ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _ = ReleaseAsync();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Removes the candidates, and gives each one that is gone. What was put into the store since the collection began stays.</summary>
    /// <exception cref="BitswapException"><c>StoreFailed</c>, <c>NodeStopped</c>.</exception>
    public async IAsyncEnumerable<StoredBlock> RemoveAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (StoredBlock block in Candidates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_guard.TryBeginRemoval(block.Cid.Hash))
            {
                continue;
            }

            // The token ends the wait alone: a caller that puts the block now has to wait for what the store really does.
            _removal = RemoveAsync(block.Cid);
            if (await _removal.WaitAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return block;
            }
        }
    }

    /// <summary>Begins a collection.</summary>
    /// <param name="node">The node.</param>
    /// <param name="within">The roots below which to look; null looks at the whole store.</param>
    /// <param name="force">Whether to go on where a pinned graph is not whole, so that blocks below what is missing are taken.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal static async Task<StoreCollection> BeginAsync(NodeHost node, IReadOnlyList<Cid>? within, bool force, CancellationToken cancellationToken)
    {
        await node.Pins.LockAsync(cancellationToken).ConfigureAwait(false);
        StoreCollection collection = new(node);
        try
        {
            HashSet<Multihash> needed = await node.FindNeededAsync(force, cancellationToken).ConfigureAwait(false);
            await collection.FindAsync(within, needed, cancellationToken).ConfigureAwait(false);
            return collection;
        }
        catch
        {
            await collection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<bool> RemoveAsync(Cid cid)
    {
        try
        {
            return await _node.RemoveBlockAsync(cid, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _guard.EndRemoval(cid.Hash);
        }
    }

    private async Task ReleaseAsync()
    {
        // Its failure is told by the one who waits for it.
        await ((Task)_removal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _guard.Release(_opened);
        _node.Pins.Unlock();
    }

    private async Task FindAsync(IReadOnlyList<Cid>? within, HashSet<Multihash> needed, CancellationToken cancellationToken)
    {
        List<StoredBlock> candidates = [];
        HashSet<Multihash> seen = [];
        IAsyncEnumerable<StoredBlock> blocks = within is null ? _node.Blocks.ListAsync(cancellationToken) : BelowAsync(within, cancellationToken);
        await foreach (StoredBlock block in blocks.ConfigureAwait(false))
        {
            if (!seen.Add(block.Cid.Hash))
            {
                continue;
            }

            if (needed.Contains(block.Cid.Hash) || _guard.IsKept(block.Cid.Hash))
            {
                Kept++;
                continue;
            }

            candidates.Add(block);
            Bytes += block.Size;
        }

        Candidates = candidates;
    }

    private async IAsyncEnumerable<StoredBlock> BelowAsync(IReadOnlyList<Cid> roots, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (DagWalkItem item in _node.PinnedBlocks.Walk(roots, cancellationToken).ConfigureAwait(false))
        {
            // What follows from its CID is found by every walk, be it stored or not.
            bool isStored = item.State != DagWalkState.Missing
                && (!KnownBlock.Is(item.Cid.Hash) || await _node.Blocks.GetSizeAsync(item.Cid, cancellationToken).ConfigureAwait(false) is not null);
            if (isStored && item.Size is long size)
            {
                yield return new StoredBlock(item.Cid, size);
            }
        }
    }
}
