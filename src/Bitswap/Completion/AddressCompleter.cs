using Bitswap.Nodes;

namespace Bitswap.Completion;

/// <summary>Completes the addresses of the other nodes of this process.</summary>
public sealed class AddressCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(BitswapNode? node, string typed) =>
        NodeRegistry.Running.Where(other => other != node).SelectMany(other => other.Addresses.Select(address => (address, other.Name)));
}
