using System.Text;
using Bitswap.Dag.DagPb;

namespace Bitswap.Dag.Links;

/// <summary>The links of a dag-pb block. Names are for people here, and may be no text at all in a block that can be walked all the same.</summary>
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
    /// How a name appears in a path. A sharded directory writes the slot before each name, in two digits, and a slot alone leads to a further
    /// shard of the same directory (specs.ipfs.tech/unixfs).
    /// </summary>
    public static string? InPath(string? name, bool isShard) =>
        !isShard || name is null ? name : name.Length > ShardPrefix ? name[ShardPrefix..] : null;
}
