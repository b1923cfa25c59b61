using Bitswap.Dag;
using Bitswap.Dag.Walk;
using Bitswap.Errors;
using Bitswap.Node.Files;

namespace Bitswap.Graphs;

/// <summary>Pins what is there whole, after fetching what is missing.</summary>
internal static class Pinner
{
    /// <summary>Fetches what is missing and pins.</summary>
    /// <exception cref="FaultException">DagIncomplete.</exception>
    public static async Task<BitswapPin> PinAsync(
        BitswapNode node, Cid cid, bool recursive, string? name, GraphSource source, Action<long> count, CancellationToken cancellationToken)
    {
        using BlockHold hold = node.Host.HoldBlocks();
        await CompleteAsync(node, cid, recursive, source, count, cancellationToken).ConfigureAwait(false);
        Pin? before = node.Host.Pins.Find(cid);
        await node.Host.Pins.AddAsync(cid, recursive, name ?? before?.Name, cancellationToken).ConfigureAwait(false);
        try
        {
            // A collection that was under way when this began may have taken blocks that were found; from the pin on, none can.
            await CompleteAsync(node, cid, recursive, source, _ => { }, cancellationToken).ConfigureAwait(false);
        }
        catch when (before is null)
        {
            await node.Host.Pins.RemoveAsync(cid, CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return new BitswapPin(node.Host.Pins.Find(cid)!, node);
    }

    private static async Task CompleteAsync(
        BitswapNode node, Cid cid, bool recursive, GraphSource source, Action<long> count, CancellationToken cancellationToken)
    {
        if (!recursive)
        {
            count((await source.Reader(cid, cancellationToken).ConfigureAwait(false)).Length);
            return;
        }

        DagWalkOptions options = new()
        {
            LeafSize = async (leaf, token) => await source.StoredSizeAsync(leaf, token).ConfigureAwait(false)
                ?? (await source.Reader(leaf, token).ConfigureAwait(false)).Length,
        };
        await foreach (DagWalkItem item in new DagWalker(source.Reader, options).WalkAsync([cid], cancellationToken).ConfigureAwait(false))
        {
            if (item.State != DagWalkState.Present)
            {
                throw new FaultException(Faults.DagIncomplete(cid, item.Cid, item.Path, item.Error));
            }

            count(item.Size ?? 0);
        }
    }
}
