using System.Text;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Building;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>Imports a symbolic link as what it is: its target, as it is written.</summary>
internal static class SymlinkImport
{
    public static ValueTask<DagEntry> RunAsync(ImportContext context, string path, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        string target;
        try
        {
            target = new FileInfo(path).LinkTarget ?? throw ImportErrors.Changed(path, "it was a symbolic link and is none");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImportErrors.Unreadable(path, error);
        }

        var entry = new UnixFsData { Type = UnixFsType.Symlink, Data = Encoding.UTF8.GetBytes(target), Mtime = attributes.Mtime };
        return context.Sink.AddNodeAsync(new DagPbNode([], entry.Encode()), 0, cancellationToken);
    }
}
