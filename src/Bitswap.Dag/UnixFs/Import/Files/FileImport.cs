using Bitswap.Dag.UnixFs.Import.Building;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>Imports one file, and holds it to what it was when it was opened.</summary>
internal static class FileImport
{
    public static async ValueTask<DagEntry> RunAsync(
        ImportContext context, string path, FileFacts facts, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            DagEntry entry = context.Profile.Chunker is SizeChunker
                ? await ReadSizedAsync(context, file, path, facts, attributes, cancellationToken).ConfigureAwait(false)
                : await ReadCutAsync(context, file, attributes, cancellationToken).ConfigureAwait(false);
            CheckUnchanged(context, path, facts, entry);
            context.Progress.AddFile();
            return entry;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ImportErrors.Vanished(path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImportErrors.Unreadable(path, error);
        }
    }

    private static async ValueTask<DagEntry> ReadSizedAsync(
        ImportContext context, SafeFileHandle file, string path, FileFacts facts, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        var leaves = new SizedLeaves(context, file, path, facts.Length, attributes, cancellationToken);
        await using (leaves.ConfigureAwait(false))
        {
            return await context.BuildFileAsync(leaves, attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask<DagEntry> ReadCutAsync(
        ImportContext context, SafeFileHandle file, EntryAttributes attributes, CancellationToken cancellationToken)
    {
        var stream = new FileStream(file, FileAccess.Read, bufferSize: 0, isAsync: false);
        await using (stream.ConfigureAwait(false))
        {
            return await StreamImport.RunAsync(context, stream, attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void CheckUnchanged(ImportContext context, string path, FileFacts before, DagEntry entry)
    {
        // A link that is followed was followed before as well.
        bool follow = context.Options.Symlinks == SymlinkRule.Follow;
        if (FileFacts.Read(path, follow) is not { } after)
        {
            throw ImportErrors.Vanished(path);
        }

        if (after.Length != before.Length || (ulong)after.Length != entry.FileSize)
        {
            throw ImportErrors.Changed(path, $"it had {before.Length} bytes and has {after.Length}");
        }

        if (after.Modified != before.Modified || after.Kind != before.Kind)
        {
            throw ImportErrors.Changed(path, "it was written to");
        }
    }
}
