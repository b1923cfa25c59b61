namespace Bitswap.Completion;

/// <summary>Completes the block stores that go by a name.</summary>
public sealed class StoreCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(BitswapNode? node, string typed) => [("Memory", "gone with the node")];
}
