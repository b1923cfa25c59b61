using Bitswap.Dag.UnixFs.Import.Building;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>Imports what a stream gives.</summary>
internal static class StreamImport
{
    public static async ValueTask<DagEntry> RunAsync(
        ImportContext context, Stream stream, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        var leaves = new ChunkedLeaves(context, stream, attributes, cancellationToken);
        try
        {
            await using (leaves.ConfigureAwait(false))
            {
                return await context.BuildFileAsync(leaves, attributes, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            leaves.Release();
        }
    }
}
