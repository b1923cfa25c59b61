using System.Text;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Import.Abstractions;
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
            bool isAsLong = IsAsLong(file, facts.Length);
            DagEntry entry = isAsLong && context.Profile.Chunker is SizeChunker
                ? await ReadSizedAsync(context, file, path, facts, attributes, cancellationToken).ConfigureAwait(false)
                : await ReadCutAsync(context, file, attributes, cancellationToken).ConfigureAwait(false);
            CheckUnchanged(context, path, facts, isAsLong ? entry.FileSize : null);
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

    // what a system makes up when it is read, as in /proc and /sys, has a length of 0 or of a page, whatever there is to read
    private static bool IsAsLong(SafeFileHandle file, long length)
    {
        Span<byte> one = stackalloc byte[1];
        return (length == 0 || RandomAccess.Read(file, one, length - 1) == 1) && RandomAccess.Read(file, one, length) == 0;
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

    private static void CheckUnchanged(ImportContext context, string path, FileFacts before, ulong? read)
    {
        // A link that is followed was followed before as well.
        bool follow = context.Options.Symlinks == SymlinkRule.Follow;
        if (FileFacts.Read(path, follow) is not { } after)
        {
            throw ImportErrors.Vanished(path);
        }

        if (after.Length != before.Length || (read ?? (ulong)after.Length) != (ulong)after.Length)
        {
            throw ImportErrors.Changed(path, $"it had {before.Length} bytes and has {after.Length}");
        }

        // the time of what is made up when it is read says nothing
        if (after.Kind != before.Kind || (read is not null && after.Modified != before.Modified))
        {
            throw ImportErrors.Changed(path, "it was written to");
        }
    }
}

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
