using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Building;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>
/// Imports a folder. One walk goes through it in the order of names; files are imported beside it, a bounded number at once, so what is held is the
/// folders on the walk's way and those of files under way.
/// </summary>
internal sealed class TreeWalk : IDisposable
{
    private readonly ImportContext _context;
    private readonly CancellationTokenSource _stop;
    private readonly SemaphoreSlim _files;
    private readonly HashSet<string> _entered = [];
    private readonly SkippedEntries _skipped = new();
    private Exception? _failure;

    public TreeWalk(ImportContext context, CancellationToken cancellationToken)
    {
        _context = context;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _files = new SemaphoreSlim(context.Options.MaxParallelFiles, context.Options.MaxParallelFiles);
    }

    public async Task<UnixFsImport> RunAsync(string path, FileFacts facts)
    {
        var root = new PendingDirectory(_context, null, "", PathFacts.AttributesOf(_context.Options, facts));
        try
        {
            await WalkAsync(root, path, RealPath(path), Entries(path), 1).ConfigureAwait(false);
            await root.ReleaseAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await FailAsync(error).ConfigureAwait(false);
        }

        for (int i = 0; i < _context.Options.MaxParallelFiles; i++)
        {
            await _files.WaitAsync().ConfigureAwait(false);
        }

        if (_failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
        }

        UnixFsImport result = root.Result ?? throw new InvalidOperationException("A folder was left held.");
        return result with { Skipped = _skipped.Errors(path) };
    }

    public void Dispose()
    {
        _files.Dispose();
        _stop.Dispose();
    }

    private async Task WalkAsync(PendingDirectory directory, string path, string realPath, IReadOnlyList<string> entries, int depth)
    {
        if (depth > _context.Options.MaxDepth)
        {
            throw ImportErrors.TooDeep(path, _context.Options.MaxDepth);
        }

        if (!_entered.Add(realPath))
        {
            throw ImportErrors.Loop(path, realPath);
        }

        foreach (string entry in entries)
        {
            _stop.Token.ThrowIfCancellationRequested();
            await EnterAsync(directory, entry, realPath, depth).ConfigureAwait(false);
        }

        _entered.Remove(realPath);
    }

    private async Task EnterAsync(PendingDirectory directory, string path, string realParent, int depth)
    {
        string name = Path.GetFileName(path);
        FileFacts facts = PathFacts.Read(_context.Options, path);
        EntryAttributes attributes = PathFacts.AttributesOf(_context.Options, facts);
        switch (facts.Kind)
        {
            case FileKind.Directory:
                IReadOnlyList<string> entries = Entries(path);
                if (entries.Count > 0 || _context.Options.EmptyDirectories)
                {
                    directory.Hold();
                    var child = new PendingDirectory(_context, directory, name, attributes);
                    string realPath = new DirectoryInfo(path).LinkTarget is null ? Path.Combine(realParent, name) : RealPath(path);
                    await WalkAsync(child, path, realPath, entries, depth + 1).ConfigureAwait(false);
                    await child.ReleaseAsync(_stop.Token).ConfigureAwait(false);
                }

                break;

            case FileKind.File:
                _context.Progress.AddTotal(facts.Length);
                await _files.WaitAsync(_stop.Token).ConfigureAwait(false);
                directory.Hold();
                _ = Task.Run(() => ImportFileAsync(directory, name, path, facts, attributes), CancellationToken.None);
                break;

            case FileKind.Symlink when _context.Options.Symlinks == SymlinkRule.Keep:
                DagEntry link = await SymlinkImport.RunAsync(_context, path, attributes, _stop.Token).ConfigureAwait(false);
                directory.Add(name, link, 0);
                break;

            case FileKind.Symlink when _context.Options.Symlinks == SymlinkRule.Follow:
                _skipped.Add(ImportErrors.Dangling(path));
                break;

            case FileKind.Symlink:
                break;

            default:
                _skipped.Add(ImportErrors.Special(path));
                break;
        }
    }

    private async Task ImportFileAsync(PendingDirectory directory, string name, string path, FileFacts facts, EntryAttributes attributes)
    {
        try
        {
            DagEntry entry = await FileImport.RunAsync(_context, path, facts, attributes, _stop.Token).ConfigureAwait(false);
            directory.Add(name, entry, (long)entry.FileSize);
            await directory.ReleaseAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await FailAsync(error).ConfigureAwait(false);
        }
        finally
        {
            _files.Release();
        }
    }

    /// <summary>Keeps the first failure, which is the cause of those that come after it.</summary>
    private async Task FailAsync(Exception error)
    {
        Interlocked.CompareExchange(ref _failure, error, null);
        await _stop.CancelAsync().ConfigureAwait(false);
    }

    private IReadOnlyList<string> Entries(string path)
    {
        try
        {
            List<string> entries = [];
            foreach (string entry in Directory.EnumerateFileSystemEntries(path, "*", PathFacts.EveryEntry))
            {
                if (_context.Options.Hidden || !PathFacts.IsHidden(entry))
                {
                    entries.Add(entry);
                }
            }

            entries.Sort(StringComparer.Ordinal);
            return entries;
        }
        catch (DirectoryNotFoundException error)
        {
            throw ImportErrors.Vanished(path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ImportErrors.Unreadable(path, error);
        }
    }

    private static string RealPath(string path) =>
        new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
}
