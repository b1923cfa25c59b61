using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>
/// Saves files and directories to a disk. All names and links of a tree, its size and the free space are checked before its files are fetched. What differs
/// from what is there is put together in a folder beside the target and moved there once it is whole; a save that was interrupted goes on where it ended:
/// bytes that are there and hash to what they should be are not asked for again. Nothing is written outside the destination, whatever the graph says.
/// </summary>
/// <param name="reader">Who reads the graph.</param>
/// <param name="options">How; null for the defaults.</param>
public sealed class UnixFsSaver(UnixFsReader reader, SaveOptions? options = null)
{
    private readonly SaveOptions _options = options ?? new SaveOptions();

    /// <summary>Saves what a CID holds. Where the same is there already, nothing is written.</summary>
    /// <param name="cid">A file, directory or symlink.</param>
    /// <param name="destination">The folder to save into; it is made where it is not there.</param>
    /// <param name="name">The name to save under.</param>
    /// <param name="progress">Where to tell how far it is, or null.</param>
    /// <param name="cancellationToken">Interrupts it; the next save goes on from there.</param>
    /// <exception cref="UnsavableException"><c>UnsafeName</c>, <c>UnsafeLink</c>, <c>UnsupportedCodec</c>: it names all entries that cannot be saved.</exception>
    /// <exception cref="DagException">
    /// <c>UnsafeName</c>, <c>DagLimitExceeded</c>; a block is malformed or no file's. Nothing is left behind of what can never be saved.
    /// </exception>
    /// <exception cref="SaveException">
    /// <c>TargetExists</c>, <c>UnsafeDestination</c>, <c>SaveInProgress</c>, <c>SaveFailed</c>; <c>DiskFull</c>.
    /// </exception>
    public async Task<SaveResult> SaveAsync(
        Cid cid, string destination, string name, SaveProgress? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cid);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        if (SafeName.Refuse(name, _options.Names) is { } reason)
        {
            throw new DagException(DagErrorIds.UnsafeName, $"Nothing can be saved as '{Printable.Of(name)}': {reason}.") { Cid = cid };
        }

        string target = Path.Combine(Path.GetFullPath(destination), name);
        try
        {
            return await SaveAsync(cid, target, progress ?? new SaveProgress(), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException and not SaveException || failure is UnauthorizedAccessException)
        {
            if (failure.GetType().Assembly != typeof(IOException).Assembly)
            {
                // the network's own, on its way through
                throw;
            }

            throw new SaveException(ReadErrorIds.SaveFailed, $"'{target}' cannot be saved: {failure.Message}", target, failure);
        }
    }

    private async Task<SaveResult> SaveAsync(Cid cid, string target, SaveProgress progress, CancellationToken cancellationToken)
    {
        FileKind there = Disk.At(target);
        SaveCommit.RefuseSpecial(target, there);
        ReadLimits limits = reader.Limits with
        {
            MaxTotalSize = Math.Min(reader.Limits.MaxTotalSize, _options.MaxTotalSize),
            MaxEntries = Math.Min(reader.Limits.MaxEntries, _options.MaxEntries),
        };
        if (there != FileKind.None && !_options.Force)
        {
            SaveRules rules = new(_options, _options.IgnoreCase ?? false);
            SaveResult same = await new SameTree(reader, limits, rules, target, progress).CompareAsync(cid, cancellationToken).ConfigureAwait(false);
            Check(rules);
            return same;
        }

        string folder = Path.GetDirectoryName(target)!;
        using MadeFolders made = new(folder);
        using PartialSave partial = PartialSave.Open(folder, Path.GetFileName(target), cid);
        SaveRoom room = new(target, _options);
        if (!partial.IsBegun && there == FileKind.None)
        {
            _options.ReadsAll?.Invoke(cid);
        }

        SaveSource source = new(reader, limits) { Begun = partial.IsBegun ? partial.Content : null, Target = there == FileKind.None ? null : target };
        try
        {
            SaveResult result = await SaveAsync(cid, target, source, partial, room, progress, cancellationToken).ConfigureAwait(false);
            partial.Remove();
            return result;
        }
        catch (IOException full) when (full is not SaveException && DiskSpace.IsFull(full))
        {
            throw room.Leave(partial, progress, full);
        }
        catch (Exception failure) when (failure is DagException || SaveRoom.IsHopeless(failure))
        {
            partial.Remove();
            throw;
        }
        catch
        {
            if (partial.KeepUnlessEmpty())
            {
                progress.Keep(partial.Folder);
            }

            throw;
        }
    }

    private async Task<SaveResult> SaveAsync(
        Cid cid, string target, SaveSource source, PartialSave partial, SaveRoom room, SaveProgress progress, CancellationToken cancellationToken)
    {
        bool ignoreCase = _options.IgnoreCase ?? partial.IgnoresCase;
        SaveRules rules = new(_options, ignoreCase);
        SavePlan plan = await new SaveCheck(source, rules, progress).RunAsync(cid, cancellationToken).ConfigureAwait(false);
        Check(rules);
        room.Check(plan);
        progress.Expect(plan.Bytes);
        await using TreeWriter writer = new(source, new SaveRules(_options, ignoreCase), room, partial.Content, target, progress);
        SaveResult result = await writer.WriteAsync(cid, cancellationToken).ConfigureAwait(false);
        SaveCommit.Move(partial.Content, target, _options.Force);
        writer.ApplyAtTarget();
        return result;
    }

    private void Check(SaveRules rules)
    {
        // what is saved itself cannot be left out
        if (rules.Count > 0 && (!_options.SkipUnsafe || rules.Refused[0].RelativePath.Length == 0))
        {
            throw rules.Error();
        }
    }
}
