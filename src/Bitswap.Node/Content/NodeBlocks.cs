using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Walk;

namespace Bitswap.Node.Content;

/// <summary>Where graphs read their blocks: out of a node's store alone. What also asks peers is a <see cref="FetchSession"/>.</summary>
public static class NodeBlocks
{
    /// <summary>Reads what a node has stored, and asks no peer.</summary>
    /// <param name="node">The node.</param>
    /// <returns>A reader that throws a <see cref="BitswapException"/> with the id <c>BlockNotFound</c> for what is not there.</returns>
    public static BlockReader Local(NodeHost node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return async (cid, cancellationToken) =>
        {
            ValueTask<ReadOnlyMemory<byte>?> read = node.ReadLocalAsync(cid, cancellationToken);

            // A store of the user's own may not look at the token.
            return (read.IsCompleted ? await read.ConfigureAwait(false) : await read.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false))
                ?? throw NodeErrors.BlockNotFound(cid);
        };
    }

    /// <summary>Checks against its CID what another reader gives, also where the store that it reads does not.</summary>
    /// <returns>A reader that throws a <see cref="BitswapException"/> with the id <c>StoreCorrupt</c> for what does not hash to its CID.</returns>
    public static BlockReader Verified(BlockReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return async (cid, cancellationToken) =>
        {
            ReadOnlyMemory<byte> data = await reader(cid, cancellationToken).ConfigureAwait(false);
            return cid.Hash.Matches(data.Span) ? data : throw StoreErrors.Corrupt(cid, "the store", $"gave {data.Length} bytes that do not hash to it");
        };
    }

    /// <summary>Says the size of what a node has stored. Of a block that has another size than the block above claims it says nothing, so that it is read.</summary>
    /// <param name="node">The node.</param>
    public static LeafSizer LeafSize(NodeHost node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return async (cid, claimed, cancellationToken) =>
        {
            ValueTask<long?> look = node.GetLocalSizeAsync(cid, cancellationToken);
            long? size = look.IsCompleted ? await look.ConfigureAwait(false) : await look.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            return claimed is null || size == claimed ? size : null;
        };
    }
}
