using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;

namespace Bitswap.Blocks;

/// <summary>Tells where data is not what an encoder of its codec writes: it can be a block all the same, with a CID of its own.</summary>
internal static class CodecNote
{
    /// <summary>What there is to tell, or null.</summary>
    public static string? Of(Cid cid, ReadOnlyMemory<byte> data)
    {
        if (!DagCanonical.HasForm(cid.Codec))
        {
            return null;
        }

        try
        {
            return DagCanonical.FindDeviation(cid, data) is { } deviation
                ? $"The block {cid} is not in the canonical form of {cid.CodecName}: {deviation}. It can be read, but the same value in its canonical form has another CID."
                : null;
        }
        catch (DagException error)
        {
            return $"{error.Message} The links of the block cannot be read.";
        }
    }
}
