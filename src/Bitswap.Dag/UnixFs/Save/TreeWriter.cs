using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Writes what a walk over a graph meets, and is not at the target already, into the folder of a partial save.</summary>
internal sealed class TreeWriter(SaveSource source, SaveRules rules, SaveRoom room, string content, string target, SaveProgress progress) : IAsyncDisposable
{
    private readonly bool _isTargetThere = source.Target is not null;
    private readonly List<UnixFsEntry> _links = [];
    private readonly List<UnixFsEntry> _appliedLater = [];
    private FileWriter? _file;
    private UnixFsEntry? _open;
    private UnixFsEntry? _root;
    private int _directories;
    private int _symlinks;
    private int _unchanged;
    private bool _isChanged;

    /// <summary>Writes all that a CID holds.</summary>
    public async Task<SaveResult> WriteAsync(Cid cid, CancellationToken cancellationToken)
    {
        WalkContext context = new(source.Limits) { Contents = true, Recurse = true, TakesName = rules.TakesName };
        await using ReadAhead ahead = new(new EntryItem(context, cid), source.FetchAsync, source.Limits, cancellationToken);
        bool isTaken = false;
        while (await ahead.NextAsync().ConfigureAwait(false) is { } item)
        {
            if (item is EntryItem entry)
            {
                Finish();
                isTaken = rules.Takes(entry.Entry);
                if (isTaken)
                {
                    Begin(entry.Entry);
                }
            }

            if (isTaken && item is IFileBytes { Data.IsEmpty: false } bytes)
            {
                await _file!.WriteAsync(bytes.Data, bytes.DataOffset, item.Origin, cancellationToken).ConfigureAwait(false);
                progress.Add(bytes.Data.Length, item.Origin != BlockOrigin.Fetched);
                if (_file.IsWritten && item.Origin != BlockOrigin.Partial)
                {
                    room.Count(bytes.Data.Length);
                }
            }
        }

        Finish();
        foreach (UnixFsEntry link in _links)
        {
            MakeLink(link);
        }

        return new SaveResult(target, _root!, progress.Bytes, progress.Recovered, progress.Files, _directories, _symlinks)
        {
            Unchanged = _unchanged,
            IsUnchanged = !_isChanged,
            Skipped = rules.Refused,
            SkippedCount = rules.Count,
        };
    }

    /// <summary>
    /// Gives what could not have it before its permissions and times, the innermost first, where it is now: directories, which could not be filled or moved with
    /// less than the usual permissions, and what was at the target already.
    /// </summary>
    public void ApplyAtTarget()
    {
        for (int i = _appliedLater.Count - 1; i >= 0; i--)
        {
            UnixFsEntry entry = _appliedLater[i];
            bool isLink = entry.Type == UnixFsEntryType.Symlink;
            Disk.ApplyModeAndMtime(DiskBlocks.PathOf(target, entry.RelativePath), entry.Type == UnixFsEntryType.Directory, isLink ? null : entry.Mode, entry.Mtime);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _file?.Dispose();
        _file = null;
        return default;
    }

    private void Begin(UnixFsEntry entry)
    {
        _root ??= entry;
        string path = DiskBlocks.PathOf(content, entry.RelativePath);
        string end = DiskBlocks.PathOf(target, entry.RelativePath);
        FileKind there = _isTargetThere ? Disk.At(end) : FileKind.None;
        SaveCommit.CheckKind(end, there, entry.Type == UnixFsEntryType.Directory);
        switch (entry.Type)
        {
            case UnixFsEntryType.Directory:
                if (Disk.At(path) != FileKind.Directory)
                {
                    Disk.Remove(path);
                    Directory.CreateDirectory(path);
                }

                room.CountEntry();
                _directories++;
                _isChanged |= there == FileKind.None;
                ApplyLater(entry);
                break;
            case UnixFsEntryType.Symlink:
                _symlinks++;
                if (there == FileKind.Symlink && new FileInfo(end).LinkTarget == TargetOf(entry))
                {
                    _unchanged++;
                    ApplyLater(entry);
                }
                else
                {
                    // at the end: no file is ever written while there is a link that it could be written through
                    _links.Add(entry);
                    _isChanged = true;
                }

                break;
            default:
                progress.Begin(entry.RelativePath);
                _file = new FileWriter(path, there == FileKind.File ? end : null, entry.Size ?? 0);
                _open = entry;
                break;
        }
    }

    private void Finish()
    {
        if (_open is null)
        {
            return;
        }

        _file!.Complete(_open.Size ?? 0);
        bool isWritten = _file.IsWritten;
        _file.Dispose();
        _file = null;
        if (isWritten)
        {
            _isChanged = true;
            Disk.ApplyModeAndMtime(DiskBlocks.PathOf(content, _open.RelativePath), isDirectory: false, _open.Mode, _open.Mtime);
        }
        else
        {
            _unchanged++;
            ApplyLater(_open);
        }

        room.CountEntry();
        progress.AddFile();
        _open = null;
    }

    private void MakeLink(UnixFsEntry link)
    {
        string path = DiskBlocks.PathOf(content, link.RelativePath);
        Disk.Remove(path);
        File.CreateSymbolicLink(path, TargetOf(link));
        if (link.Mtime is { } time)
        {
            Disk.SetModified(path, isDirectory: false, time);
        }
    }

    private static string TargetOf(UnixFsEntry link) => link.Target!.Replace('/', Path.DirectorySeparatorChar);

    private void ApplyLater(UnixFsEntry entry)
    {
        if (entry.Mode is not null || entry.Mtime is not null)
        {
            _appliedLater.Add(entry);
        }
    }
}
