using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Represents a part of a file below its root.</summary>
internal sealed class FileItem(WalkContext context, EntryItem owner, Cid cid, long offset, long size, int level) : ReadItem(cid), IFileBytes
{
    private const long MaxLeaf = 4 << 20;
    private const long InnerEstimate = 64 << 10;

    /// <inheritdoc/>
    public override long Estimate => Cid.Codec == Multicodec.Raw || Size <= MaxLeaf / 2 ? Math.Min(Size, MaxLeaf) : InnerEstimate;

    /// <summary>Gets the file.</summary>
    public EntryItem Owner { get; } = owner;

    /// <summary>Gets where in the file it begins.</summary>
    public long Offset { get; } = offset;

    /// <summary>Bytes of the file in this block and below it, as the block above says.</summary>
    public long Size { get; } = size;

    /// <inheritdoc/>
    public long DataOffset { get; private set; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>Returns the parts of a file that a walk wants, and the bytes among them that are in the block itself.</summary>
    public static IReadOnlyList<ReadItem> Follow(
        WalkContext context, EntryItem owner, FilePart part, long offset, int level, out long dataOffset, out ReadOnlyMemory<byte> data)
    {
        long from = Math.Clamp(context.From - offset, 0, part.Data.Length);
        long to = Math.Clamp(context.To - offset, from, part.Data.Length);
        data = part.Data[(int)from..(int)to];
        dataOffset = offset + from;
        List<ReadItem> children = new(part.Links.Count);
        offset += part.Data.Length;
        foreach ((Cid cid, long size) in part.Links)
        {
            // what has no bytes is not followed: there could be any number of such blocks
            if (offset < context.To && offset + size > context.From && size > 0)
            {
                context.CheckLevel(level + 1, cid);
                children.Add(new FileItem(context, owner, cid, offset, size, level + 1));
            }

            offset += size;
        }

        return children;
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<ReadItem> Open(ReadOnlyMemory<byte> block)
    {
        FilePart part = FilePart.Decode(Cid, block, context.Limits);
        if (part.Size != Size)
        {
            throw FilePart.Contradiction(Cid, $"it has {part.Size} bytes of a file, and the block above says {Size}");
        }

        IReadOnlyList<ReadItem> children = Follow(context, Owner, part, Offset, level, out long dataOffset, out ReadOnlyMemory<byte> data);
        (DataOffset, Data) = (dataOffset, data);
        return children;
    }
}

/// <summary>Represents what one block of a file holds: bytes of its own, and the parts that follow them.</summary>
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

    /// <summary>Returns the parts of a block that is known to be of a file.</summary>
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

    /// <summary>Returns the error of a block whose numbers do not agree.</summary>
    public static DagException Contradiction(Cid cid, string why) =>
        new(DagErrorIds.InvalidUnixFs, $"The block {cid} contradicts itself: {why}.") { Cid = cid };
}
