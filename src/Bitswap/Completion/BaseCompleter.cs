using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Completion;

/// <summary>Completes the names of multibase encodings.</summary>
public sealed class BaseCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        Enum.GetValues<MultibaseEncoding>().Select(Multibase.Name).Select(name => (name, name));
}
