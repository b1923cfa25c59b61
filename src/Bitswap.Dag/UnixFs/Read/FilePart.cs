using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>What one block of a file holds: bytes of its own, and the parts that follow them.</summary>
/// <param name="Size">Bytes of the file in this block and below it.</param>
/// <param name="Data">The bytes in the block itself, which come before those below it.</param>
/// <param name="Links">The parts below it, each with its bytes.</param>
/// <param name="Entry">The UnixFS data; null of a raw block.</param>
internal readonly record struct FilePart(long Size, ReadOnlyMemory<byte> Data, IReadOnlyList<(Cid Cid, long Size)> Links, UnixFsData? Entry)
{
    /// <summary>Reads a block of a file.</summary>
    /// <exception cref="DagException">It is no file, or its sizes contradict one another.</exception>
    public static FilePart Decode(Cid cid, ReadOnlyMemory<byte> block, ReadLimits limits)
    {
        if (cid.Codec == Multicodec.Raw)
        {
            return new FilePart(block.Length, block, [], null);
        }

        UnixFsBlock decoded = UnixFsBlock.Decode(cid, block, limits);
        return decoded.Data.Type is UnixFsType.File or UnixFsType.Raw
            ? Of(cid, decoded)
            : throw new DagException(DagErrorIds.InvalidUnixFs, $"The block {cid} is a part of a file, and says that it is a {decoded.Data.Type}.") { Cid = cid };
    }

    /// <summary>The parts of a block that is known to be of a file.</summary>
    public static FilePart Of(Cid cid, UnixFsBlock block)
    {
        UnixFsData data = block.Data;
        int count = block.Node.Links.Count;
        if (data.BlockSizes.Count != count)
        {
            throw Contradiction(cid, $"it has {count} links and {data.BlockSizes.Count} block sizes");
        }

        var links = new (Cid, long)[count];
        long size = data.Data.Length;
        for (int i = 0; i < count; i++)
        {
            ulong part = data.BlockSizes[i];
            if (part > (ulong)(long.MaxValue - size))
            {
                throw Contradiction(cid, "its block sizes add up to more than a file can have");
            }

            size += (long)part;
            links[i] = (block.Node.Links[i].Cid, (long)part);
        }

        return data.FileSize is not { } told || told == (ulong)size
            ? new FilePart(size, data.Data, links, data)
            : throw Contradiction(cid, $"its file size is {told}, and its parts add up to {size}");
    }

    /// <summary>The error of a block whose numbers do not agree.</summary>
    public static DagException Contradiction(Cid cid, string why) =>
        new(DagErrorIds.InvalidUnixFs, $"The block {cid} contradicts itself: {why}.") { Cid = cid };
}
