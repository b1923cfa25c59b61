using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Files;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Nodes;

namespace Bitswap.Completion;

/// <summary>Completes the names of hash functions.</summary>
public sealed class HashCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => Multicodec.HashNames.Select(name => (name, name));
}

/// <summary>Completes the names of codecs.</summary>
public sealed class CodecCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => Multicodec.CodecNames.Select(name => (name, name));
}

/// <summary>Completes the names of encodings.</summary>
public sealed class EncodingCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => ContentEncoding.Names.Select(name => (name, name));
}

/// <summary>Completes the names of multibase encodings.</summary>
public sealed class BaseCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        Enum.GetValues<MultibaseEncoding>().Select(Multibase.Name).Select(name => (name, name));
}

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

/// <summary>Completes the names of import profiles.</summary>
public sealed class ProfileCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) =>
        UnixFsProfile.Names.Select(name =>
        {
            UnixFsProfile.TryGet(name, out UnixFsProfile? profile);
            return (name, $"CIDv{profile!.CidVersion}, {profile.Chunker}, {profile.FileLinks} links, {(profile.RawLeaves ? "raw" : "dag-pb")} leaves");
        });
}

/// <summary>Completes Bitswap versions.</summary>
public sealed class ProtocolVersionCompleter : LocalCompleter
{
    private protected override IEnumerable<(string Text, string About)> Words(IReadOnlyList<BitswapNode> nodes, string typed) => ProtocolVersions.Names.Select(name => (name, name));
}
