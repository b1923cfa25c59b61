using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;

namespace Bitswap.Dag.Links;

/// <summary>Reads the links of a dag-pb block. Names are for people here, and may be no text at all in a block that can be walked all the same.</summary>
internal static class DagPbLinks
{
    private const int ShardPrefix = 2;

    public static void Read(ReadOnlySpan<byte> block, LinkSink sink)
    {
        var reader = new DagPbReader(block);
        while (reader.TryReadLink(out DagPbLink link, out ReadOnlySpan<byte> name))
        {
            sink.Add(link.Cid, name.IsEmpty ? null : Encoding.UTF8.GetString(name));
        }
    }

    /// <summary>
    /// Returns how a name appears in a path. A sharded directory writes the slot before each name, in two digits, and a slot alone leads to a further
    /// shard of the same directory (specs.ipfs.tech/unixfs).
    /// </summary>
    public static string? InPath(string? name, bool isShard) =>
        !isShard || name is null ? name : name.Length > ShardPrefix ? name[ShardPrefix..] : null;
}

/// <summary>Represents what a dag-pb block says of its links beyond where they lead. The default value is that of a block that says nothing.</summary>
internal readonly struct DagPbOutline
{
    private readonly DagPbNode? _node;
    private readonly UnixFsData? _entry;

    private DagPbOutline(DagPbNode node, UnixFsData? entry)
    {
        _node = node;
        _entry = entry;
    }

    /// <summary>Gets whether it is a part of a sharded directory of the usual fanout.</summary>
    public bool IsShard => _entry?.Type == UnixFsType.HamtShard;

    /// <summary>Reads a block whose links have been read.</summary>
    public static DagPbOutline Of(ReadOnlyMemory<byte> block)
    {
        try
        {
            DagPbNode node = DagPbNode.Decode(block);
            return new DagPbOutline(node, UnixFsData.TryDecode(node));
        }
        catch (DagException)
        {
            // its links are readable although the block as a whole is not what the codec allows, so nothing more is known of them
            return default;
        }
    }

    /// <summary>
    /// Returns the bytes that a linked block of raw bytes has: of a part of a file as the file says, which has to be right, else as the link claims. Null where
    /// neither is said.
    /// </summary>
    public long? LeafSizeOf(int link)
    {
        if (_node is null)
        {
            return null;
        }

        ulong? size = _entry is { Type: UnixFsType.File } && _entry.BlockSizes.Count == _node.Links.Count ? _entry.BlockSizes[link]
            : _node.Links[link].HasTsize ? _node.Links[link].Tsize
            : null;
        return size <= long.MaxValue ? (long)size.Value : null;
    }
}
