using Bitswap.Multiformats;

namespace Bitswap.Completion;

/// <summary>Completes the names of codecs.</summary>
public sealed class CodecCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => Multicodec.CodecNames.Select(name => (name, name));
}
