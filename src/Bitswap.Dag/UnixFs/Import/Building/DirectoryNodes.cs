using System.Text;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Writes a directory: one node, or a sharded one when its size is over the threshold of the profile.</summary>
internal static class DirectoryNodes
{
    public static ValueTask<DagEntry> WriteAsync(
        BlockSink sink, UnixFsProfile profile, List<DagPbLink> links, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        var entry = new UnixFsData { Type = UnixFsType.Directory, Mode = attributes.Mode, Mtime = attributes.Mtime };
        if (IsSharded(profile, links, entry))
        {
            return new ShardedDirectory(sink, profile.ShardFanout).WriteAsync(links, attributes, cancellationToken);
        }

        return sink.AddNodeAsync(new DagPbNode(links, entry.Encode()), 0, cancellationToken);
    }

    private static bool IsSharded(UnixFsProfile profile, List<DagPbLink> links, UnixFsData entry)
    {
        if (links.Count == 0 || profile.DirectorySizeRule == DirectorySizeRule.Unsharded)
        {
            return false;
        }

        bool wholeBlock = profile.DirectorySizeRule == DirectorySizeRule.BlockBytes;
        long size = wholeBlock ? ProtobufWriter.BytesFieldSize(entry.EncodedLength) : 0;
        foreach (DagPbLink link in links)
        {
            size += wholeBlock ? SizeInBlock(link) : Encoding.UTF8.GetByteCount(link.Name) + link.Cid.ByteLength;
        }

        return size > profile.ShardingThreshold;
    }

    private static long SizeInBlock(DagPbLink link) =>
        ProtobufWriter.BytesFieldSize(ProtobufWriter.BytesFieldSize(link.Cid.ByteLength)
            + ProtobufWriter.BytesFieldSize(Encoding.UTF8.GetByteCount(link.Name))
            + ProtobufWriter.VarintFieldSize(link.Tsize));
}
