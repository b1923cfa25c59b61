using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Represents one block of a graph on its way to the reader, and what follows from it.</summary>
internal abstract class ReadItem(Cid cid)
{
    /// <summary>Gets the block's CID.</summary>
    public Cid Cid { get; } = cid;

    /// <summary>Gets whether the block itself is needed; false where the link to it says enough.</summary>
    public virtual bool NeedsBlock => true;

    /// <summary>Gets whether other blocks may follow from it.</summary>
    public bool LeadsOn => Cid.Codec != Multicodec.Raw;

    /// <summary>Gets how many bytes the block is expected to take: what is set aside for it until it is there.</summary>
    public virtual long Estimate => 256 << 10;

    /// <summary>Gets or sets where a save has the block from.</summary>
    public BlockOrigin Origin { get; set; }

    /// <summary>Gets or sets what comes right after this one, in the order of the graph.</summary>
    internal ReadItem? Next { get; set; }

    /// <summary>Getting the block; null before it was started. It gives null where there was no room to keep what came.</summary>
    internal Task<ReadOnlyMemory<byte>?>? Fetch { get; set; }

    /// <summary>Gets or sets whether <see cref="Open"/> was called.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>Gets or sets what opening threw: told when it is the reader's turn for it.</summary>
    internal Exception? Failure { get; set; }

    /// <summary>Bytes that are set aside for this one; changed by one task at a time.</summary>
    internal long Charge { get; set; }

    /// <summary>Returns whether the walk goes on without the block, which cannot be had or read.</summary>
    internal virtual bool GoOnWithout(Exception cause) => false;

    /// <summary>Reads the block, and gives what it leads to in the order of the graph.</summary>
    /// <exception cref="DagException">The block is not what it should be here.</exception>
    internal abstract IReadOnlyList<ReadItem> Open(ReadOnlyMemory<byte> block);
}

/// <summary>Specifies where a block of a file that is saved comes from.</summary>
internal enum BlockOrigin
{
    /// <summary>From the store or from peers.</summary>
    Fetched,

    /// <summary>Made of bytes that an earlier save left where they belong.</summary>
    Partial,

    /// <summary>Made of bytes of the file that is at the target.</summary>
    Target,
}

/// <summary>Represents a block that holds bytes of a file.</summary>
internal interface IFileBytes
{
    /// <summary>Gets the file.</summary>
    EntryItem Owner { get; }

    /// <summary>Gets where in the file the bytes are.</summary>
    long DataOffset { get; }

    /// <summary>Gets the bytes; empty where there are none.</summary>
    ReadOnlyMemory<byte> Data { get; }
}
