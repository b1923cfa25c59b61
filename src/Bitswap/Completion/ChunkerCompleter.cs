namespace Bitswap.Completion;

/// <summary>Completes descriptions of chunkers.</summary>
public sealed class ChunkerCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
    [
        ("size-1048576", "chunks of 1 MiB, as unixfs-v1-2025"),
        ("size-262144", "chunks of 256 KiB, as unixfs-v0-2015"),
        ("rabin", "cut by content: 85 KiB to 384 KiB, 256 KiB on average"),
        ("rabin-16-1024-4096", "cut by content: least, average and most bytes"),
        ("buzhash", "cut by content: 128 KiB to 512 KiB"),
    ];
}
