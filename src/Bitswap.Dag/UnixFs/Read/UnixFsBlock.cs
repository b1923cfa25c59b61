using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>A block of a file system graph, decoded: a dag-pb node with its UnixFS data.</summary>
internal readonly record struct UnixFsBlock(DagPbNode Node, UnixFsData Data)
{
    /// <summary>Reads a dag-pb block.</summary>
    /// <exception cref="DagException">UnsupportedCodec, InvalidDagPb, InvalidUnixFs or DagLimitExceeded.</exception>
    public static UnixFsBlock Decode(Cid cid, ReadOnlyMemory<byte> block, ReadLimits limits)
    {
        if (cid.Codec != Multicodec.DagPb)
        {
            throw new DagException(DagErrorIds.UnsupportedCodec, $"The block {cid} is {cid.CodecName}, which is no file and no directory.") { Cid = cid };
        }

        DagPbNode node;
        UnixFsData data;
        try
        {
            node = DagPbNode.Decode(block);
            data = node.HasData
                ? UnixFsData.Decode(node.Data)
                : throw new DagException(DagErrorIds.InvalidUnixFs, "Not a UnixFS entry: the node has no data.");
        }
        catch (DagException exception) when (exception.Cid is null)
        {
            throw new DagException(exception.ErrorId, $"The block {cid}: {exception.Message}", exception) { Cid = cid };
        }

        return node.Links.Count <= limits.MaxLinks
            ? new UnixFsBlock(node, data)
            : throw new DagException(
                DagErrorIds.DagLimitExceeded, $"The block {cid} has {node.Links.Count} links, more than {limits.MaxLinks} (limit {nameof(ReadLimits.MaxLinks)}).")
            { Cid = cid };
    }
}
