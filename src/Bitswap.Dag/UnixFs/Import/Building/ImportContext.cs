using Bitswap.Dag.UnixFs.Import.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Represents what all files of an import share.</summary>
internal sealed class ImportContext(UnixFsImportOptions options, BlockSink sink, LeafPool pool, ImportProgress progress)
{
    public UnixFsImportOptions Options { get; } = options;

    public UnixFsProfile Profile => Options.Profile;

    public BlockSink Sink { get; } = sink;

    public LeafPool Pool { get; } = pool;

    public ImportProgress Progress { get; } = progress;

    /// <summary>Gets whether an empty file is one empty leaf, or a node without any.</summary>
    public bool EmptyHasLeaf => Profile.Layout == UnixFsLayout.Balanced;

    /// <summary>Returns the frame of a leaf. A leaf that is its whole file has the attributes of the file, unless the file has a node above it.</summary>
    public LeafFrame Frame(int length, bool whole, EntryAttributes attributes) => Profile.Layout == UnixFsLayout.Trickle
        ? new LeafFrame(Profile.RawLeaves, UnixFsType.Raw, length, default)
        : new LeafFrame(Profile.RawLeaves, UnixFsType.File, length, whole ? attributes : default);

    /// <summary>Frames, hashes and writes a chunk that is in its place in a buffer.</summary>
    public async ValueTask<DagEntry> WriteLeafAsync(byte[] buffer, LeafFrame frame, int length, CancellationToken cancellationToken)
    {
        frame.Write(buffer);
        Cid cid = await Sink.AddAsync(Profile.RawLeaves, buffer.AsMemory(0, frame.BlockLength), cancellationToken).ConfigureAwait(false);
        Progress.AddBytes(length);
        return new DagEntry(cid, (ulong)length, (ulong)frame.BlockLength);
    }

    /// <summary>Joins the leaves of a file.</summary>
    public ValueTask<DagEntry> BuildFileAsync(LeafStream leaves, EntryAttributes attributes, CancellationToken cancellationToken) =>
        Profile.Layout == UnixFsLayout.Trickle
            ? new TrickleFile(Sink, Profile.FileLinks, attributes).BuildAsync(leaves, cancellationToken)
            : new BalancedFile(Sink, Profile.FileLinks, attributes).BuildAsync(leaves, cancellationToken);
}
