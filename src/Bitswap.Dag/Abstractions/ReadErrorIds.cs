namespace Bitswap.Dag.Abstractions;

/// <summary>The stable ids of errors that only reading and saving files makes; the others are in <see cref="DagErrorIds"/>.</summary>
public static class ReadErrorIds
{
    /// <summary>A text is no path into a graph: <c>cid/a/b</c>, <c>/ipfs/cid/a/b</c> or <c>ipfs://cid/a/b</c>.</summary>
    public const string InvalidPath = nameof(InvalidPath);

    /// <summary>A shard of a directory is malformed: its fanout, hash, bit field or the prefix of a name.</summary>
    public const string InvalidHamt = nameof(InvalidHamt);

    /// <summary>A symlink would lead out of the destination.</summary>
    public const string UnsafeLink = nameof(UnsafeLink);

    /// <summary>Something in the destination would let a write leave it: a symlink where a folder is needed.</summary>
    public const string UnsafeDestination = nameof(UnsafeDestination);

    /// <summary>There is something where a file or folder is to be saved.</summary>
    public const string TargetExists = nameof(TargetExists);

    /// <summary>Another save of the same thing to the same place is running.</summary>
    public const string SaveInProgress = nameof(SaveInProgress);

    /// <summary>What is saved has more bytes than its disk has room for.</summary>
    public const string DiskFull = nameof(DiskFull);

    /// <summary>The disk refused: no permission, a path that is too long.</summary>
    public const string SaveFailed = nameof(SaveFailed);
}
