using Bitswap.Blocks;
using Bitswap.Dag;
using Bitswap.Errors;
using Bitswap.Node;

namespace Bitswap.Graphs;

/// <summary>Where the cmdlets have the blocks of a graph from.</summary>
internal static class GraphSource
{
    /// <summary>The node's own store, and nobody is asked.</summary>
    public static BlockReader Local(BitswapNode node) => async (cid, cancellationToken) =>
        await node.Host.ReadLocalAsync(cid, cancellationToken).ConfigureAwait(false) ?? throw new FaultException(Faults.BlockNotFound(cid));

    /// <summary>The node's own store, and for what is not there the peers. All is one session.</summary>
    /// <param name="node">Who fetches.</param>
    /// <param name="only">The only peers to ask, or null for whoever may have it.</param>
    /// <param name="time">How long each block may take, or null for ever.</param>
    public static BlockReader Fetch(BitswapNode node, IReadOnlyList<PeerId>? only, TimeSpan? time)
    {
        WantOptions options = new() { Session = node.Host.NewSession(), OnlyPeers = only, Timeout = time, FailFast = true };
        return async (cid, cancellationToken) => (await node.Host.GetBlockAsync(cid, options, cancellationToken).ConfigureAwait(false)).Data;
    }

    /// <summary>Whether one of the peers has a block.</summary>
    public static async ValueTask<bool> HasAsync(
        BitswapNode node, IReadOnlyList<PeerId> peers, TimeSpan time, Cid cid, CancellationToken cancellationToken)
    {
        BitswapBlockStatus[] answers = await Task.WhenAll(
            peers.Select(peer => PeerQuestion.AskAsync(node, cid, peer, time, cancellationToken))).ConfigureAwait(false);
        return answers.Any(answer => answer.Available);
    }
}
