using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Building;

namespace Bitswap.Dag.UnixFs.Import.Files;

/// <summary>
/// Represents a folder of which not every entry is done. It is held by the walk that is in it and by each entry under way; who lets go of it last
/// writes it, and hands it to the folder it is in.
/// </summary>
internal sealed class PendingDirectory(ImportContext context, PendingDirectory? parent, string name, EntryAttributes attributes)
{
    private readonly List<DagPbLink> _links = [];
    private long _size;
    private int _holders = 1;

    /// <summary>Gets what came of a folder that has no parent.</summary>
    public UnixFsImport? Result { get; private set; }

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Add(string entryName, DagEntry entry, long size)
    {
        lock (_links)
        {
            _links.Add(new DagPbLink(entry.Cid, entryName, entry.TotalSize));
            _size += size;
        }
    }

    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Decrement(ref _holders) > 0)
        {
            return;
        }

        DagEntry entry = await DirectoryNodes.WriteAsync(context.Sink, context.Profile, _links, attributes, cancellationToken).ConfigureAwait(false);
        if (parent is null)
        {
            Result = new UnixFsImport(entry.Cid, UnixFsType.Directory, _size, entry.TotalSize);
            return;
        }

        parent.Add(name, entry, _size);
        await parent.ReleaseAsync(cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Represents the errors of entries that an import goes on without. One caller at a time.</summary>
internal sealed class SkippedEntries
{
    /// <summary>How many are told one by one; the others are counted.</summary>
    public const int MaxTold = 1000;

    private readonly List<DagException> _told = [];
    private long _others;

    public void Add(DagException error)
    {
        if (_told.Count < MaxTold)
        {
            _told.Add(error);
        }
        else
        {
            _others++;
        }
    }

    /// <summary>Returns the errors, and one more for those that were only counted.</summary>
    public IReadOnlyList<DagException> Errors(string folder)
    {
        if (_told.Count == 0)
        {
            return [];
        }

        return _others == 0 ? _told : [.. _told, ImportErrors.OthersSkipped(folder, _others)];
    }
}
