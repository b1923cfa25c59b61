using Bitswap.Nodes;

namespace Bitswap.Completion;

/// <summary>Completes the addresses of routers: those that nodes of this process ask, and a public one.</summary>
public sealed class RouterCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        NodeRegistry.Running.SelectMany(node => node.Host.Routers.Select(router => (router.AbsoluteUri, $"asked by {node.Name}")))
            .Append(("https://delegated-ipfs.dev", "a public router; it learns what is looked for"));
}
