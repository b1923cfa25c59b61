namespace Bitswap.Dag.UnixFs;

/// <summary>When an entry was last changed (specs.ipfs.tech/unixfs, <c>UnixTime</c>).</summary>
/// <param name="Seconds">Seconds since 1970-01-01T00:00:00Z; negative before.</param>
/// <param name="Nanoseconds">What is to be added to the seconds, 1 to 999 999 999, or null for nothing.</param>
public readonly record struct UnixFsTime(long Seconds, uint? Nanoseconds)
{
    /// <summary>The largest part of a second.</summary>
    public const uint MaxNanoseconds = 999_999_999;
}
