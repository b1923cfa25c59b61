using System.Globalization;
using System.Runtime.InteropServices;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Dag.UnixFs;
using Bitswap.Multiformats;

namespace Bitswap.Graphs;

/// <summary>What a block is, and where it leads.</summary>
/// <param name="Type">The UnixFS type, or the codec.</param>
/// <param name="Size">The bytes of the file, or of the block where it is none; null for a directory.</param>
/// <param name="BlockSize">The bytes of the block.</param>
/// <param name="Links">Its links, in its own order.</param>
internal sealed record BlockShape(string Type, long? Size, int BlockSize, IReadOnlyList<ShapeLink> Links)
{
    // what a sharded directory has that does not say: two hexadecimal digits (specs.ipfs.tech/unixfs)
    private const ulong UsualFanout = 256;

    /// <summary>Reads a block.</summary>
    /// <exception cref="DagException">The block is not what its codec says.</exception>
    public static BlockShape Read(Cid cid, ReadOnlyMemory<byte> block)
    {
        if (cid.Codec == Multicodec.DagPb)
        {
            return OfDagPb(cid, block);
        }

        // a codec that cannot be read is shown all the same, as a leaf
        ShapeLink[] links = DagLinks.IsSupported(cid.Codec)
            ? [.. DagLinks.Read(cid, block).Select(link => new ShapeLink(link, null, null))]
            : [];
        return new BlockShape(cid.CodecName, block.Length, block.Length, links);
    }

    private static BlockShape OfDagPb(Cid cid, ReadOnlyMemory<byte> block)
    {
        DagPbNode node = DagPbNode.Decode(block);
        UnixFsData? entry = UnixFsData.TryDecode(node);
        int prefix = entry?.Type == UnixFsType.HamtShard
            ? ((entry.Fanout ?? UsualFanout) - 1).ToString("X", CultureInfo.InvariantCulture).Length
            : 0;
        ShapeLink[] links = [.. node.Links.Select(link => new ShapeLink(link.Cid, NameOf(link, prefix), link.HasTsize ? link.Tsize : null))];
        return entry is null
            ? new BlockShape(cid.CodecName, block.Length, block.Length, links)
            : new BlockShape(NameOf(entry.Type), SizeOf(entry), block.Length, links);
    }

    // the slot before the name is the shard's own business; alone, it leads to a deeper shard and is all there is to show
    private static string? NameOf(in DagPbLink link, int prefix) =>
        string.IsNullOrEmpty(link.Name) ? null : link.Name.Length > prefix ? link.Name[prefix..] : link.Name;

    private static string NameOf(UnixFsType type) => type == UnixFsType.HamtShard ? "Shard" : type.ToString();

    private static long? SizeOf(UnixFsData entry) => entry.Type switch
    {
        UnixFsType.Directory or UnixFsType.HamtShard => null,
        _ => entry.FileSize is { } size ? (long)Math.Min(size, long.MaxValue) : entry.Data.Length,
    };
}

/// <summary>A link of a block, as it is shown.</summary>
/// <param name="Cid">The block it leads to.</param>
/// <param name="Name">Its name, as it stands in a path; null when it has none.</param>
/// <param name="ClaimedSize">The bytes below it, as it claims; null when it says nothing.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ShapeLink(Cid Cid, string? Name, ulong? ClaimedSize);
