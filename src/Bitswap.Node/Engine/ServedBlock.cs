using System.Buffers.Binary;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;

namespace Bitswap.Node.Engine;

/// <summary>What <see cref="ServedGraphs"/> needs of a block that was sent. It is read beside the loop, since that takes time with many links.</summary>
/// <param name="Cid">The block.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Links">The keys of the blocks that it links to.</param>
/// <param name="TotalBytes">What it says of the size of the graph that begins at it; null where it says nothing.</param>
internal readonly record struct ServedBlock(Cid Cid, int Size, ulong[] Links, long? TotalBytes)
{
    /// <summary>Bytes of a block whose links are read. Nodes of files are smaller by far, and a folder is cut into shards before it is so large (Kubo, at 256 KiB).</summary>
    public const int MaxSize = 256 * 1024;

    /// <summary>Gets what the block is known by in a graph. Two that are alike in these bytes count as one, which no figure here is worth more memory for.</summary>
    public ulong Key => KeyOf(Cid);

    /// <summary>Reads a block.</summary>
    public static ServedBlock Read(Block block)
    {
        bool isRead = block.Data.Length <= MaxSize && !DagLinks.IsLeaf(block.Cid.Codec) && DagLinks.IsSupported(block.Cid.Codec);
        try
        {
            if (isRead && block.Cid.Codec == Multicodec.DagPb)
            {
                IReadOnlyList<DagPbLink> links = DagPbNode.Decode(block.Data).Links;
                return new ServedBlock(block.Cid, block.Data.Length, [.. links.Select(link => KeyOf(link.Cid))], SizeOf(block.Data.Length, links));
            }

            return new ServedBlock(block.Cid, block.Data.Length, isRead ? [.. DagLinks.Read(block.Cid, block.Data).Select(KeyOf)] : [], null);
        }
        catch (DagException)
        {
            // a peer may ask for any bytes by a CID of any codec
            return new ServedBlock(block.Cid, block.Data.Length, [], null);
        }
    }

    private static ulong KeyOf(Cid cid) => cid.Hash.Digest is { Length: >= sizeof(ulong) } digest ? BinaryPrimitives.ReadUInt64LittleEndian(digest[^sizeof(ulong)..]) : 0;

    private static long? SizeOf(int root, IReadOnlyList<DagPbLink> links)
    {
        UInt128 size = (UInt128)root;
        foreach (DagPbLink link in links)
        {
            if (!link.HasTsize)
            {
                return null;
            }

            size += link.Tsize;
        }

        return size <= long.MaxValue ? (long)size : null;
    }
}
