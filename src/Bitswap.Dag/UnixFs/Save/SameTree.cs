using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>
/// Compares a tree with what is where it is to be saved, and writes nothing. Of files, only what joins their chunks is fetched: the chunks are made of the
/// bytes that are there.
/// </summary>
internal sealed class SameTree(UnixFsReader reader, ReadLimits limits, SaveRules rules, string target, SaveProgress progress)
{
    private UnixFsEntry? _root;
    private int _directories;
    private int _symlinks;

    /// <summary>Compares all of it.</summary>
    /// <exception cref="SaveException">TargetExists: something differs, or cannot be compared.</exception>
    public async Task<SaveResult> CompareAsync(Cid cid, CancellationToken cancellationToken)
    {
        try
        {
            await WalkAsync(cid, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not SaveException && !cancellationToken.IsCancellationRequested)
        {
            // whatever it is: something is there
            throw new SaveException(
                ReadErrorIds.TargetExists, $"There is something at '{target}' already, and whether it is the same cannot be told: {failure.Message}", target, failure);
        }

        return new SaveResult(target, _root!, progress.Bytes, progress.Recovered, progress.Files, _directories, _symlinks)
        {
            Unchanged = progress.Files + _symlinks,
            IsUnchanged = true,
            Skipped = rules.Refused,
            SkippedCount = rules.Count,
        };
    }

    private async Task WalkAsync(Cid cid, CancellationToken cancellationToken)
    {
        WalkContext context = new(limits) { Contents = true, Recurse = true, TakesName = rules.TakesName };
        await using ReadAhead ahead = new(new EntryItem(context, cid), FetchAsync, limits, cancellationToken);
        bool isTaken = false;
        while (await ahead.NextAsync().ConfigureAwait(false) is { } item)
        {
            if (item is EntryItem entry)
            {
                isTaken = rules.Takes(entry.Entry);
                if (isTaken)
                {
                    Compare(entry.Entry);
                }
            }

            if (isTaken && item is IFileBytes { Data.IsEmpty: false } bytes)
            {
                await CompareAsync(item, bytes, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> FetchAsync(ReadItem item, CancellationToken cancellationToken)
    {
        if (await DiskBlocks.TryMakeAsync(item, target, cancellationToken).ConfigureAwait(false) is { } made)
        {
            item.Origin = BlockOrigin.Target;
            return made;
        }

        // what has no links, and is not there, is different
        return item is IFileBytes bytes && item.Cid.Codec == Multicodec.Raw
            ? throw Different(bytes.Owner.RelativePath)
            : await reader.FetchAsync(item.Cid, cancellationToken).ConfigureAwait(false);
    }

    private void Compare(UnixFsEntry entry)
    {
        _root ??= entry;
        string path = DiskBlocks.PathOf(target, entry.RelativePath);
        FileFacts? there = FileFacts.Read(path, follow: false);
        bool isSame = (entry.Type, there?.Kind) switch
        {
            (UnixFsEntryType.Directory, FileKind.Directory) => true,
            (UnixFsEntryType.File, FileKind.File) => there!.Value.Length == entry.Size,
            (UnixFsEntryType.Symlink, FileKind.Symlink) => new FileInfo(path).LinkTarget == entry.Target!.Replace('/', Path.DirectorySeparatorChar),
            _ => false,
        };
        if (!isSame)
        {
            throw Different(entry.RelativePath);
        }

        switch (entry.Type)
        {
            case UnixFsEntryType.Directory:
                _directories++;
                break;
            case UnixFsEntryType.Symlink:
                _symlinks++;
                break;
            default:
                progress.Begin(entry.RelativePath);
                progress.AddFile();
                break;
        }
    }

    private async ValueTask CompareAsync(ReadItem item, IFileBytes bytes, CancellationToken cancellationToken)
    {
        if (item.Origin != BlockOrigin.Target)
        {
            using SafeFileHandle file = File.OpenHandle(DiskBlocks.PathOf(target, bytes.Owner.RelativePath), options: FileOptions.Asynchronous);
            if (!await DiskBlocks.IsSameAsync(file, bytes.DataOffset, bytes.Data, cancellationToken).ConfigureAwait(false))
            {
                throw Different(bytes.Owner.RelativePath);
            }
        }

        progress.Add(bytes.Data.Length, recovered: true);
    }

    private SaveException Different(string relative)
    {
        string path = DiskBlocks.PathOf(target, relative);
        return new SaveException(ReadErrorIds.TargetExists, $"There is something at '{target}' already, and '{path}' is not what would be saved there.", path);
    }
}
