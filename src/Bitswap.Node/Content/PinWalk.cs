using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Walk;
using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Content;

/// <summary>Pins graphs, which is done here and nowhere else: each is walked before it is pinned, and again after it, so that what is pinned is stored whole.</summary>
/// <param name="node">Whose pins they are.</param>
/// <param name="reader">Who gives the blocks that are not stored; it stores what it fetches.</param>
/// <param name="count">Told of the bytes of each block that is there.</param>
internal sealed class PinWalk(NodeHost node, BlockReader reader, Action<long> count)
{
    private readonly LeafSizer _sizer = NodeBlocks.LeafSize(node);
    private GcLock? _hold;

    /// <summary>Pins those of some roots whose graphs are whole, all at once.</summary>
    /// <returns>For each root its pin, or why it was not pinned; in the order of the roots.</returns>
    /// <exception cref="BitswapException"><c>TooManyPins</c>, <c>StoreFailed</c>: none was pinned.</exception>
    public async Task<IReadOnlyList<PinResult>> PinAsync(IReadOnlyList<Cid> roots, bool recursive, string? name, CancellationToken cancellationToken)
    {
        using GcLock hold = node.TakeOwnGcLock();
        _hold = hold;
        List<Cid> undone = [];
        bool isWhole = false;
        try
        {
            PinResult[] results = new PinResult[roots.Count];
            for (int i = 0; i < results.Length; i++)
            {
                results[i] = new PinResult(roots[i], null, await FindGapAsync(roots[i], recursive, count, cancellationToken).ConfigureAwait(false));
            }

            Cid[] whole = [.. results.Where(result => result.Error is null).Select(result => result.Root)];
            undone.AddRange(whole.Where(root => node.Pins.Find(root) is null));
            await node.Pins.AddAsync(whole, recursive, name, cancellationToken).ConfigureAwait(false);

            // No collection takes a block that was found. One that was removed by name since then is found missing here.
            for (int i = 0; i < results.Length; i++)
            {
                if (results[i].Error is null)
                {
                    BitswapException? gap = await FindGapAsync(roots[i], recursive, _ => { }, cancellationToken).ConfigureAwait(false);
                    results[i] = new PinResult(roots[i], gap is null ? node.Pins.Find(roots[i]) : null, gap);
                }
            }

            node.NotePinned(results.Select(result => result.Pin).OfType<Pin>());
            undone.RemoveAll(root => results.All(result => result.Root != root || result.Error is null));
            isWhole = results.All(result => result.Error is null);
            return results;
        }
        finally
        {
            if (!isWhole)
            {
                await UndoAsync(undone).ConfigureAwait(false);
            }
        }
    }

    private async Task UndoAsync(List<Cid> pins)
    {
        if (pins.Count > 0)
        {
            await node.Pins.RemoveAsync(pins, CancellationToken.None).ConfigureAwait(false);
        }

        await node.ReleaseUnpinnedAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>A store in memory does not let go of what is pinned. Where it has done so since the block was found, it gets it again.</summary>
    private async ValueTask KeepAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (node.Memory is { } memory && !KnownBlock.Is(cid.Hash) && !memory.TryPin(cid))
        {
            memory.PutPinned(cid, data.IsEmpty ? await reader(cid, cancellationToken).ConfigureAwait(false) : data);
        }
    }

    private async Task<BitswapException?> FindGapAsync(Cid root, bool recursive, Action<long> found, CancellationToken cancellationToken)
    {
        try
        {
            if (recursive)
            {
                return await WalkAsync(root, found, cancellationToken).ConfigureAwait(false);
            }

            ReadOnlyMemory<byte> data = await ReadAsync(root, cancellationToken).ConfigureAwait(false);
            await KeepAsync(root, data, cancellationToken).ConfigureAwait(false);
            found(data.Length);
            return null;
        }
        catch (BitswapException failure) when (failure.ErrorId != NodeErrorIds.NodeStopped)
        {
            return failure;
        }
        catch (DagException refused)
        {
            return NodeErrors.GraphRefused(root, refused);
        }
    }

    private async Task<BitswapException?> WalkAsync(Cid root, Action<long> found, CancellationToken cancellationToken)
    {
        DagWalker walker = new(ReadAsync, new DagWalkOptions { LeafSize = SizeAsync });
        await foreach (DagWalkItem item in walker.WalkAsync([root], cancellationToken).ConfigureAwait(false))
        {
            if (item.Error is BitswapException { ErrorId: NodeErrorIds.NodeStopped } stopped)
            {
                throw stopped;
            }

            if (item.Error is BitswapException { ErrorId: NodeErrorIds.StoreFull } full)
            {
                return full;
            }

            if (item.State != DagWalkState.Present)
            {
                return NodeErrors.DagIncomplete(root, item.Cid, item.Path, item.Error);
            }

            await KeepAsync(item.Cid, item.Data, cancellationToken).ConfigureAwait(false);
            found(item.Size ?? 0);
        }

        return null;
    }

    // Held before it is looked at, so that a collection under way does not take it before the pin is there: a process that ends in between would leave a pin that is not whole.
    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, CancellationToken cancellationToken)
    {
        await _hold!.NotePutAsync(cid).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await reader(cid, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long?> SizeAsync(Cid cid, long? claimed, CancellationToken cancellationToken)
    {
        await _hold!.NotePutAsync(cid).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        return await _sizer(cid, claimed, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>The outcome of pinning one root.</summary>
/// <param name="Root">The root.</param>
/// <param name="Pin">Its pin; null where it was not pinned.</param>
/// <param name="Error">Why it was not pinned; null where it was. <c>DagIncomplete</c>: a block of its graph is missing or cannot be read. <c>StoreFull</c>.</param>
public sealed record PinResult(Cid Root, Pin? Pin, BitswapException? Error);
