using Bitswap.Node.Repositories;

namespace Bitswap.Completion;

/// <summary>Completes the names of keys.</summary>
public sealed class KeyCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        nodes.SelectMany(node => node.Host.Keys.Readable().Select((NamedKey key) => (key.Name, $"{key.PeerId} of {node.Name}")));
}
