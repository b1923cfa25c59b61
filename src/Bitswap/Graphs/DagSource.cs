using Bitswap.Multiformats;
using Bitswap.Node;
using Bitswap.Protocol;

namespace Bitswap.Graphs;

/// <summary>Where a walk has its blocks from: the node's store and, when that is wished, its peers.</summary>
/// <param name="node">The node.</param>
/// <param name="fetch">How to ask peers for what is not stored; null to ask nobody.</param>
internal sealed class DagSource(BitswapNode node, WantOptions? fetch)
{
    /// <summary>The node.</summary>
    public BitswapNode Node => node;

    /// <summary>The block; or none, and why when there is more to tell than that it is not stored.</summary>
    public async ValueTask<(ReadOnlyMemory<byte>? Block, string? Reason)> ReadAsync(Cid cid, CancellationToken cancellationToken)
    {
        if (cid.Hash.Code == MultihashCode.Identity)
        {
            return (cid.Hash.Digest.ToArray(), null);
        }

        // a store of the user's own may not look at the token
        ReadOnlyMemory<byte>? stored = await node.Host.ReadLocalAsync(cid, cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        if (stored is not null || fetch is null)
        {
            return (stored, null);
        }

        try
        {
            Block block = await node.Host.GetBlockAsync(cid, fetch, cancellationToken).ConfigureAwait(false);
            return (block.Data, null);
        }
        catch (BitswapException miss) when (miss.ErrorId is "BlockUnavailable" or "Timeout")
        {
            return (null, miss.Message);
        }
    }
}
