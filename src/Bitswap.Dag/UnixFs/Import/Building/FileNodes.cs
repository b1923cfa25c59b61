using System.Runtime.InteropServices;
using Bitswap.Dag.DagPb;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Writes the inner nodes of files.</summary>
internal static class FileNodes
{
    /// <summary>Writes a node with links to its children, in their order.</summary>
    public static ValueTask<DagEntry> WriteAsync(
        BlockSink sink, List<DagEntry> children, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        ReadOnlySpan<DagEntry> entries = CollectionsMarshal.AsSpan(children);
        var links = new DagPbLink[entries.Length];
        var sizes = new ulong[entries.Length];
        ulong fileSize = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            links[i] = new DagPbLink(entries[i].Cid, "", entries[i].TotalSize);
            sizes[i] = entries[i].FileSize;
            fileSize += entries[i].FileSize;
        }

        var data = new UnixFsData
        {
            Type = UnixFsType.File,
            FileSize = fileSize,
            BlockSizes = sizes,
            Mode = attributes.Mode,
            Mtime = attributes.Mtime,
        };
        return sink.AddNodeAsync(new DagPbNode(links, data.Encode()), fileSize, cancellationToken);
    }
}
