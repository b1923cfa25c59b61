using Bitswap.Dag;

namespace Bitswap.Node.Files;

/// <summary>Where graphs read their blocks: out of a node's store alone. What also asks peers is a <see cref="FetchSession"/>.</summary>
public static class NodeBlocks
{
    /// <summary>Reads what a node has stored, and asks nobody.</summary>
    /// <param name="node">The node.</param>
    /// <returns>A reader that throws a <see cref="BitswapException"/> with the id <c>BlockNotFound</c> for what is not there.</returns>
    public static BlockReader Local(NodeHost node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return async (cid, cancellationToken) =>
        {
            ValueTask<ReadOnlyMemory<byte>?> read = node.ReadLocalAsync(cid, cancellationToken);

            // a store of the user's own may not look at the token
            return (read.IsCompleted ? await read.ConfigureAwait(false) : await read.AsTask().WaitAsync(cancellationToken).ConfigureAwait(false))
                ?? throw NodeErrors.BlockNotFound(cid);
        };
    }
}
