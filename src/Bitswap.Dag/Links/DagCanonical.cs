using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Links;

/// <summary>
/// Says whether a block is in the one form in which its codec writes a value: dag-pb, dag-cbor and dag-json have one, so that the same value has the same CID
/// wherever it is made. Other forms are read, as the specifications of the codecs allow.
/// </summary>
public static class DagCanonical
{
    /// <summary>Returns whether a codec, as in <see cref="Multicodec"/>, has one form.</summary>
    public static bool HasForm(ulong codec) => codec is Multicodec.DagPb or Multicodec.DagCbor or Multicodec.DagJson;

    /// <summary>Says what in a block is not as its codec writes it, or null when nothing is or the codec has no such form.</summary>
    /// <param name="cid">The CID of the block, whose codec says how to read it.</param>
    /// <param name="block">The block.</param>
    /// <param name="limits">How large a block may be; null for the defaults.</param>
    /// <exception cref="DagException">The block is not what its codec says, or over a limit; see <see cref="DagLinks.Read"/>.</exception>
    public static string? FindDeviation(Cid cid, ReadOnlyMemory<byte> block, DagLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(cid);
        if (!HasForm(cid.Codec))
        {
            return null;
        }

        LinkSink read = DagLinks.ReadAll(cid, block, limits ?? DagLimits.Default);
        return read.Deviation ?? cid.Codec switch
        {
            Multicodec.DagPb => OfDagPb(cid, block),
            Multicodec.DagJson when DagJsonLinks.FindWhitespace(block.Span) is >= 0 and int at => $"there is whitespace (at byte {at})",
            _ => null,
        };
    }

    private static string? OfDagPb(Cid cid, ReadOnlyMemory<byte> block)
    {
        DagPbNode node;
        try
        {
            node = DagPbNode.Decode(block);
        }
        catch (DagException exception)
        {
            throw new DagException(exception.ErrorId, $"Block {cid}: {exception.Message}", exception) { Cid = cid };
        }

        return node.ToByteArray().AsSpan().SequenceEqual(block.Span) ? null
            : node.IsOrdered ? "its data stands before its links"
            : "its links are not in the order of their names";
    }
}
