using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Links;

/// <summary>
/// Reads the links of a block in the order in which they stand in it. A block is read whole, under the rules of its codec for decoders; whether it is in
/// the one form in which the codec writes is for <see cref="DagCanonical"/> to say. Blocks of raw bytes, and of cbor and json, have no links.
/// </summary>
public static class DagLinks
{
    /// <summary>Returns whether the links of blocks of a codec, as in <see cref="Multicodec"/>, can be read.</summary>
    public static bool IsSupported(ulong codec) => IsLeaf(codec) || codec is Multicodec.DagPb or Multicodec.DagCbor or Multicodec.DagJson;

    /// <summary>Returns whether blocks of a codec have no links by their nature.</summary>
    public static bool IsLeaf(ulong codec) => codec is Multicodec.Raw or Multicodec.Cbor or Multicodec.Json;

    /// <summary>Reads the links of a block.</summary>
    /// <param name="cid">The CID of the block, whose codec says how to read it.</param>
    /// <param name="block">The block, verified; when the hash of the CID is identity, the data is taken from there and this is not looked at.</param>
    /// <param name="limits">How large a block may be; null for the defaults.</param>
    /// <returns>The links in the block's order, repeated where the block repeats them.</returns>
    /// <exception cref="DagException">
    /// <c>UnsupportedCodec</c>; <c>InvalidDagPb</c>, <c>InvalidDagCbor</c>, <c>InvalidDagJson</c>: the block is not what its codec says;
    /// <c>DagLimitExceeded</c>.
    /// </exception>
    public static IReadOnlyList<Cid> Read(Cid cid, ReadOnlyMemory<byte> block, DagLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(cid);
        IReadOnlyList<DagLink> links = ReadNamed(cid, block, limits ?? DagLimits.Default);
        var cids = new Cid[links.Count];
        for (int i = 0; i < cids.Length; i++)
        {
            cids[i] = links[i].Cid;
        }

        return cids;
    }

    /// <summary>Reads the links with the names that the codec gives them.</summary>
    internal static IReadOnlyList<DagLink> ReadNamed(Cid cid, ReadOnlyMemory<byte> block, DagLimits limits) => ReadAll(cid, block, limits).Links;

    /// <summary>Reads a block.</summary>
    /// <param name="cid">The CID of the block.</param>
    /// <param name="block">The block.</param>
    /// <param name="limits">How large it may be.</param>
    /// <param name="path">A path to follow through a block of dag-cbor or dag-json, or null.</param>
    internal static LinkSink ReadAll(Cid cid, ReadOnlyMemory<byte> block, DagLimits limits, ValuePath? path = null)
    {
        ReadOnlySpan<byte> data = cid.Hash.Code == MultihashCode.Identity ? cid.Hash.Digest : block.Span;
        var sink = new LinkSink(limits, path);
        try
        {
            if (data.Length > limits.MaxBlockSize)
            {
                throw new DagException(DagErrorIds.DagLimitExceeded, $"It has {data.Length} bytes, over the limit of {limits.MaxBlockSize}.");
            }

            switch (cid.Codec)
            {
                case Multicodec.DagPb:
                    DagPbLinks.Read(data, sink);
                    break;
                case Multicodec.DagCbor:
                    DagCborLinks.Read(data, sink);
                    break;
                case Multicodec.DagJson:
                    DagJsonLinks.Read(data, limits.MaxNesting, sink);
                    break;
                case ulong codec when !IsLeaf(codec):
                    throw new DagException(DagErrorIds.UnsupportedCodec, $"Links in {cid.CodecName} cannot be read here.");
            }
        }
        catch (DagException exception)
        {
            throw new DagException(exception.ErrorId, $"Block {cid}: {exception.Message}", exception) { Cid = cid };
        }

        return sink;
    }
}
