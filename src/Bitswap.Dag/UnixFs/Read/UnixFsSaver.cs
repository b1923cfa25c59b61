using Bitswap.Dag.UnixFs.FileSystem;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>
/// Saves files and directories to a disk. All is put together in a folder beside the target and moved there once it is whole; a save that was
/// interrupted goes on where it ended: bytes that are there and hash to what they should be are not asked for again. Nothing is written outside
/// the destination, whatever the graph says.
/// </summary>
/// <param name="reader">Who reads the graph.</param>
/// <param name="options">How; null for the defaults.</param>
public sealed class UnixFsSaver(UnixFsReader reader, SaveOptions? options = null)
{
    private readonly SaveOptions _options = options ?? new SaveOptions();

    /// <summary>Saves what a CID holds.</summary>
    /// <param name="cid">A file, directory or symlink.</param>
    /// <param name="destination">The folder to save into, which is there.</param>
    /// <param name="name">The name to save under.</param>
    /// <param name="progress">Where to tell how far it is, or null.</param>
    /// <param name="cancellationToken">Interrupts it; the next save goes on from there.</param>
    /// <exception cref="DagException">
    /// <c>UnsafeName</c>, <c>UnsafeLink</c>, <c>DagLimitExceeded</c>; a block is malformed or no file's. Nothing is left behind of what can never be saved.
    /// </exception>
    /// <exception cref="SaveException"><c>TargetExists</c>, <c>UnsafeDestination</c>, <c>SaveInProgress</c>, <c>DiskFull</c>, <c>SaveFailed</c>.</exception>
    public async Task<SaveResult> SaveAsync(
        Cid cid, string destination, string name, SaveProgress? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cid);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        if (SafeName.Refuse(name, _options.Names) is { } reason)
        {
            throw new DagException(DagErrorIds.UnsafeName, $"Nothing can be saved as '{name}': {reason}.") { Cid = cid };
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
        if (!_options.Force && there != FileKind.None)
        {
            throw new SaveException(ReadErrorIds.TargetExists, $"There is something at '{target}' already.", target);
        }

        if (!Directory.Exists(Path.GetDirectoryName(target)))
        {
            throw new SaveException(ReadErrorIds.SaveFailed, $"There is no folder '{Path.GetDirectoryName(target)}'.", target);
        }

        using PartialSave partial = PartialSave.Open(Path.GetDirectoryName(target)!, Path.GetFileName(target), cid);
        SaveRoom room = new(target, partial);
        try
        {
            SaveResult result;
            await using (TreeWriter writer = new(reader, _options, partial, room, progress))
            {
                result = await writer.WriteAsync(cid, target, cancellationToken).ConfigureAwait(false);
                SaveCommit.Move(partial.Content, target, _options.Force);
                writer.DressDirectories(target);
            }

            partial.Remove();
            return result;
        }
        catch (IOException full) when (full is not SaveException && DiskSpace.IsFull(full))
        {
            throw room.Leave(progress, full);
        }
        catch (Exception failure) when (failure is DagException || SaveRoom.IsHopeless(failure))
        {
            partial.Remove();
            throw;
        }
        catch
        {
            partial.RemoveIfEmpty();
            throw;
        }
    }
}
