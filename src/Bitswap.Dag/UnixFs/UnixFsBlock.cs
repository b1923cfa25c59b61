using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs;

/// <summary>Represents a block of a file system graph, decoded: a dag-pb node with its UnixFS data.</summary>
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

        DagPbNode node = DecodeNode(cid, block, limits);
        try
        {
            return new UnixFsBlock(
                node,
                node.HasData ? UnixFsData.Decode(node.Data) : throw new DagException(DagErrorIds.InvalidUnixFs, "Not a UnixFS entry: the node has no data."));
        }
        catch (DagException exception)
        {
            throw About(cid, exception);
        }
    }

    /// <summary>Reads a dag-pb block, whatever its data is.</summary>
    /// <exception cref="DagException">InvalidDagPb or DagLimitExceeded.</exception>
    public static DagPbNode DecodeNode(Cid cid, ReadOnlyMemory<byte> block, ReadLimits limits)
    {
        DagPbNode node;
        try
        {
            node = DagPbNode.Decode(block);
        }
        catch (DagException exception)
        {
            throw About(cid, exception);
        }

        return node.Links.Count <= limits.MaxLinks
            ? node
            : throw new DagException(
                DagErrorIds.DagLimitExceeded, $"The block {cid} has {node.Links.Count} links, more than {limits.MaxLinks} (limit {nameof(ReadLimits.MaxLinks)}).")
            { Cid = cid };
    }

    private static DagException About(Cid cid, DagException exception) => new(exception.ErrorId, $"The block {cid}: {exception.Message}", exception) { Cid = cid };
}
