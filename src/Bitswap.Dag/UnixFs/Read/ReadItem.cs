using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>One block of a graph on its way to the reader, and what follows from it.</summary>
internal abstract class ReadItem(Cid cid)
{
    /// <summary>The block's CID.</summary>
    public Cid Cid { get; } = cid;

    /// <summary>Whether the block itself is needed; false where the link to it says enough.</summary>
    public virtual bool NeedsBlock => true;

    /// <summary>How many bytes the block is expected to take: what is set aside for it until it is there.</summary>
    public virtual long Estimate => 256 << 10;

    /// <summary>Where a save has the block from.</summary>
    public BlockOrigin Origin { get; set; }

    /// <summary>What comes right after this one, in the order of the graph.</summary>
    internal ReadItem? Next { get; set; }

    /// <summary>Getting the block; null before it was started. It gives null where there was no room to keep what came.</summary>
    internal Task<ReadOnlyMemory<byte>?>? Fetch { get; set; }

    /// <summary>Whether <see cref="Open"/> was called.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>What opening threw: told when it is the reader's turn for it.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>Bytes that are set aside for this one; changed by one task at a time.</summary>
    internal long Charge { get; set; }

    /// <summary>Whether the walk goes on without the block, which cannot be had or read.</summary>
    internal virtual bool GoOnWithout(Exception cause) => false;

    /// <summary>Reads the block, and gives what it leads to in the order of the graph.</summary>
    /// <exception cref="DagException">The block is not what it should be here.</exception>
    internal abstract IReadOnlyList<ReadItem> Open(ReadOnlyMemory<byte> block);
}

/// <summary>Where a block of a file that is saved comes from.</summary>
internal enum BlockOrigin
{
    /// <summary>From the store or from peers.</summary>
    Fetched,

    /// <summary>Made of bytes that an earlier save left where they belong.</summary>
    Partial,

    /// <summary>Made of bytes of the file that is at the target.</summary>
    Target,
}

/// <summary>A block that holds bytes of a file.</summary>
internal interface IFileBytes
{
    /// <summary>The file.</summary>
    EntryItem Owner { get; }

    /// <summary>Where in the file the bytes are.</summary>
    long DataOffset { get; }

    /// <summary>The bytes; empty where there are none.</summary>
    ReadOnlyMemory<byte> Data { get; }
}
