namespace Bitswap.Completion;

/// <summary>Completes the ids of connected peers.</summary>
public sealed class PeerCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        nodes.SelectMany(node => node.Peers.Select(peer => (peer, $"connected to {node.Name}")));
}
