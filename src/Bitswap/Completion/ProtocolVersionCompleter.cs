using Bitswap.Nodes;

namespace Bitswap.Completion;

/// <summary>Completes Bitswap versions.</summary>
public sealed class ProtocolVersionCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => ProtocolVersions.Names.Select(name => (name, name));
}
