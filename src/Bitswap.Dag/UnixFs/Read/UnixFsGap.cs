namespace Bitswap.Dag.UnixFs.Read;

/// <summary>A block that a listing goes on without.</summary>
/// <param name="RelativePath">The names from what was asked for down to the entry that the block is the root of, or to the directory that it is a part of.</param>
/// <param name="Cid">The block.</param>
/// <param name="IsPart">Whether it is a part of a sharded directory, so that the names in it are not known.</param>
/// <param name="Cause">Why it cannot be had or read.</param>
public sealed record UnixFsGap(string RelativePath, Cid Cid, bool IsPart, Exception Cause);
