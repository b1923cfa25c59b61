namespace Bitswap.Dag.UnixFs.Read;

/// <summary>Where a block of a file that is saved comes from.</summary>
internal enum BlockOrigin
{
    /// <summary>From the store or from peers.</summary>
    Fetched,

    /// <summary>Made of bytes that an earlier save left where they belong.</summary>
    Partial,

    /// <summary>Made of bytes of the file that is at the target.</summary>
    Target,
}
