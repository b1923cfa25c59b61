namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Which names of a directory may become file names.</summary>
public enum NameRules
{
    /// <summary>Those that every system holds: what is saved can go on to any other machine.</summary>
    Portable = 0,

    /// <summary>Those that this system holds.</summary>
    System = 1,
}
