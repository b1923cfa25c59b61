using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>A part of a file below its root.</summary>
internal sealed class FileItem(WalkContext context, EntryItem owner, Cid cid, long offset, long size, int level) : ReadItem(cid), IFileBytes
{
    private const long MaxLeaf = 4 << 20;
    private const long InnerEstimate = 64 << 10;

    /// <inheritdoc/>
    public override long Estimate => Cid.Codec == Multicodec.Raw || Size <= MaxLeaf / 2 ? Math.Min(Size, MaxLeaf) : InnerEstimate;

    /// <summary>The file.</summary>
    public EntryItem Owner { get; } = owner;

    /// <summary>Where in the file it begins.</summary>
    public long Offset { get; } = offset;

    /// <summary>Bytes of the file in this block and below it, as the block above says.</summary>
    public long Size { get; } = size;

    /// <inheritdoc/>
    public long DataOffset { get; private set; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Data { get; private set; }

    /// <summary>The parts of a file that a walk wants, and the bytes among them that are in the block itself.</summary>
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
