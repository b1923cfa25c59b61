using Bitswap.Files;

namespace Bitswap.Completion;

/// <summary>Completes the names of encodings.</summary>
public sealed class EncodingCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => ContentEncoding.Names.Select(name => (name, name));
}
