using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Represents what one walk over a graph is to do, and what it has met so far.</summary>
internal sealed class WalkContext(ReadLimits limits)
{
    private int _entries;
    private long _size;

    public ReadLimits Limits { get; } = limits;

    /// <summary>Gets whether the entries of directories below the first are walked, too.</summary>
    public bool Recurse { get; init; }

    /// <summary>Gets whether the bytes of files are read.</summary>
    public bool Contents { get; init; }

    /// <summary>Gets whether the first entry has to be a file.</summary>
    public bool FileOnly { get; init; }

    /// <summary>Says of a name, with its path and CID, whether the entry is walked; null walks all.</summary>
    public Func<string, string, Cid, bool>? TakesName { get; init; }

    /// <summary>Told of a block that the walk goes on without; null where the walk ends at the first that cannot be had or read.</summary>
    public Action<UnixFsGap>? OnGap { get; init; }

    /// <summary>Gets the first byte that is wanted, of a walk over one file.</summary>
    public long From { get; init; }

    /// <summary>Gets the byte after the last one that is wanted.</summary>
    public long To { get; init; } = long.MaxValue;

    /// <summary>Goes on without a block, when that is allowed and no limit is met.</summary>
    public bool GoOn(string path, Cid cid, bool isPart, Exception cause)
    {
        if (OnGap is null || cause is DagException { ErrorId: DagErrorIds.DagLimitExceeded })
        {
            return false;
        }

        OnGap(new UnixFsGap(path, cid, isPart, cause));
        return true;
    }

    /// <summary>Counts entries of a directory.</summary>
    /// <exception cref="DagException">DagLimitExceeded.</exception>
    public void CountEntries(int more, Cid cid)
    {
        _entries += more;
        if (_entries > Limits.MaxEntries)
        {
            throw Exceeded($"the directories have more than {Limits.MaxEntries} entries", nameof(ReadLimits.MaxEntries), cid);
        }
    }

    /// <summary>Counts the bytes of a file.</summary>
    /// <exception cref="DagException">DagLimitExceeded.</exception>
    public void CountBytes(long size, Cid cid)
    {
        if (size > Limits.MaxTotalSize - _size)
        {
            throw Exceeded($"the files have more than {Limits.MaxTotalSize} bytes", nameof(ReadLimits.MaxTotalSize), cid);
        }

        _size += size;
    }

    /// <summary>Refuses a directory that is too deep.</summary>
    /// <exception cref="DagException">DagLimitExceeded.</exception>
    public void CheckDepth(int depth, Cid cid)
    {
        if (depth > Limits.MaxDepth)
        {
            throw Exceeded($"directories are within one another more than {Limits.MaxDepth} deep", nameof(ReadLimits.MaxDepth), cid);
        }
    }

    /// <summary>Refuses a part of a file that is too deep.</summary>
    /// <exception cref="DagException">DagLimitExceeded.</exception>
    public void CheckLevel(int level, Cid cid)
    {
        if (level > Limits.MaxFileDepth)
        {
            throw Exceeded($"a file has more than {Limits.MaxFileDepth} levels of blocks", nameof(ReadLimits.MaxFileDepth), cid);
        }
    }

    private static DagException Exceeded(string what, string limit, Cid cid) =>
        new(DagErrorIds.DagLimitExceeded, $"The graph is too large: {what} (limit {limit}).") { Cid = cid };
}
