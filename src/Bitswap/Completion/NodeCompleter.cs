using Bitswap.Nodes;

namespace Bitswap.Completion;

/// <summary>Completes the names of the nodes that run.</summary>
public sealed class NodeCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        NodeRegistry.Running.Select(running => (running.Name, running.PeerId));
}
