namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>How the size of a directory is told, from which follows whether it is sharded (IPIP-499).</summary>
public enum DirectorySizeRule
{
    /// <summary>The bytes of the entries' names and CIDs, as the network has done since HAMTs came.</summary>
    LinksBytes,

    /// <summary>The bytes of the block it would be.</summary>
    BlockBytes,

    /// <summary>No size: no directory is sharded, however large its block.</summary>
    Unsharded,
}
