namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>How the leaves of a file are joined to a tree.</summary>
public enum UnixFsLayout
{
    /// <summary>All leaves are equally deep: the usual one.</summary>
    Balanced,

    /// <summary>The first leaves hang from the root, later ones deeper and deeper: for what is read from its beginning.</summary>
    Trickle,
}
