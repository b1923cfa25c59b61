using Bitswap.Multiformats;

namespace Bitswap.Completion;

/// <summary>Completes the names of hash functions.</summary>
public sealed class HashCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => Multicodec.HashNames.Select(name => (name, name));
}
