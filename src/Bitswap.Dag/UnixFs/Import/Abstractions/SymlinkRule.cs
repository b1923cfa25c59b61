namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>What an import does with a symbolic link.</summary>
public enum SymlinkRule
{
    /// <summary>It is kept as a link, its target as it is written: what <c>ipfs add</c> does.</summary>
    Keep,

    /// <summary>What it leads to is imported in its place.</summary>
    Follow,

    /// <summary>It is left out.</summary>
    Skip,
}
