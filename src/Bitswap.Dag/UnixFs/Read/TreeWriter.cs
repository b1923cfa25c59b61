using Bitswap.Dag.UnixFs.FileSystem;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Writes what a walk over a graph meets into the folder of a partial save.</summary>
internal sealed class TreeWriter(UnixFsReader reader, SaveOptions options, PartialSave partial, SaveRoom room, SaveProgress progress) : IAsyncDisposable
{
    private readonly bool _ignoreCase = options.IgnoreCase ?? partial.IgnoresCase;
    private readonly List<HashSet<string>> _names = [];
    private readonly List<UnixFsEntry> _links = [];
    private readonly List<UnixFsEntry> _dressed = [];
    private SafeFileHandle? _file;
    private UnixFsEntry? _open;
    private UnixFsEntry? _root;
    private int _directories;

    /// <summary>Writes all that a CID holds.</summary>
    public async Task<SaveResult> WriteAsync(Cid cid, string target, CancellationToken cancellationToken)
    {
        WalkContext context = new(reader.Limits) { Contents = true, Recurse = true, Names = options.Names };
        await using ReadAhead ahead = new(new EntryItem(context, cid), FetchAsync, reader.Limits, cancellationToken);
        while (await ahead.NextAsync().ConfigureAwait(false) is { } item)
        {
            if (item is EntryItem entry)
            {
                if (_root is null)
                {
                    SaveCommit.CheckRoot(entry.Entry.Type == UnixFsEntryType.Directory, target, options.Force);
                    room.Check(entry.Declared);
                    progress.Expect(entry.Declared ?? -1);
                }

                Begin(entry.Entry);
            }

            if (item is IFileBytes { Data.IsEmpty: false } bytes)
            {
                if (!item.IsRecovered)
                {
                    await RandomAccess.WriteAsync(_file!, bytes.Data, bytes.DataOffset, cancellationToken).ConfigureAwait(false);
                }

                progress.Add(bytes.Data.Length, item.IsRecovered);
            }
        }

        Finish();
        foreach (UnixFsEntry link in _links)
        {
            string path = partial.PathOf(link.RelativePath);
            Disk.Remove(path);
            File.CreateSymbolicLink(path, link.Target!.Replace('/', Path.DirectorySeparatorChar));
            if (link.Mtime is { } time)
            {
                Disk.SetModified(path, isDirectory: false, time);
            }
        }

        return new SaveResult(target, _root!, progress.Bytes, progress.Recovered, progress.Files, _directories, _links.Count);
    }

    /// <summary>Gives the directories their permissions and times, the innermost first, where they are now: with less than the usual permissions none could be filled or moved.</summary>
    public void DressDirectories(string target)
    {
        for (int i = _dressed.Count - 1; i >= 0; i--)
        {
            UnixFsEntry directory = _dressed[i];
            string path = directory.RelativePath.Length == 0 ? target : Path.Combine(target, directory.RelativePath.Replace('/', Path.DirectorySeparatorChar));
            Disk.Dress(path, isDirectory: true, directory.Mode, directory.Mtime);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _file?.Dispose();
        _file = null;
        return default;
    }

    private async ValueTask<ReadOnlyMemory<byte>> FetchAsync(ReadItem item, CancellationToken cancellationToken)
    {
        if (await partial.RecoverAsync(item, cancellationToken).ConfigureAwait(false) is { } found)
        {
            item.IsRecovered = true;
            return found;
        }

        return await reader.FetchAsync(item.Cid, cancellationToken).ConfigureAwait(false);
    }

    private void Begin(UnixFsEntry entry)
    {
        Finish();
        _root ??= entry;
        CheckUnique(entry);
        string path = partial.PathOf(entry.RelativePath);
        switch (entry.Type)
        {
            case UnixFsEntryType.Directory:
                if (Disk.At(path) != FileKind.Directory)
                {
                    Disk.Remove(path);
                    Directory.CreateDirectory(path);
                }

                _directories++;
                if (entry.Mode is not null || entry.Mtime is not null)
                {
                    _dressed.Add(entry);
                }

                break;
            case UnixFsEntryType.Symlink:
                if (SafeName.RefuseTarget(entry.Target!, Math.Max(0, entry.Depth - 1), options.Names) is { } reason)
                {
                    throw new DagException(ReadErrorIds.UnsafeLink, $"The symlink '{entry.RelativePath}' to '{entry.Target}' cannot be saved: {reason}.") { Cid = entry.Cid };
                }

                // at the end: no file is ever written while there is a link that it could be written through
                _links.Add(entry);
                break;
            default:
                Open(entry, path);
                break;
        }
    }

    private void Open(UnixFsEntry entry, string path)
    {
        FileKind there = Disk.At(path);
        if (there is not (FileKind.File or FileKind.None))
        {
            Disk.Remove(path);
        }
        else if (there == FileKind.File && !OperatingSystem.IsWindows())
        {
            // it may have been finished, and made read-only
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserWrite);
        }

        progress.Begin(entry.RelativePath);
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        _open = entry;
    }

    private void Finish()
    {
        if (_open is null)
        {
            return;
        }

        RandomAccess.SetLength(_file!, _open.Size ?? 0);
        _file!.Dispose();
        _file = null;
        Disk.Dress(partial.PathOf(_open.RelativePath), isDirectory: false, _open.Mode, _open.Mtime);
        _open = null;
        progress.AddFile();
    }

    private void CheckUnique(UnixFsEntry entry)
    {
        // the walk is depth first: what was remembered of deeper folders is of other folders
        _names.RemoveRange(Math.Min(entry.Depth, _names.Count), Math.Max(0, _names.Count - entry.Depth));
        if (entry.Type == UnixFsEntryType.Directory)
        {
            _names.Add(new HashSet<string>(_ignoreCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal));
        }

        if (entry.Depth == 0)
        {
            return;
        }

        string name = _ignoreCase ? entry.Name.Normalize() : entry.Name;
        if (!_names[entry.Depth - 1].Add(name))
        {
            string why = _ignoreCase ? "differs from another name in the folder only in case, which is one name at the destination" : "is there twice in the folder";
            throw new DagException(DagErrorIds.UnsafeName, $"The name of '{entry.RelativePath}' cannot be saved: it {why}.") { Cid = entry.Cid };
        }
    }
}
