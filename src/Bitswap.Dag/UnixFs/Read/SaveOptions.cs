namespace Bitswap.Dag.UnixFs.Read;

/// <summary>How a graph is saved to a disk.</summary>
public sealed record SaveOptions
{
    /// <summary>Whether files that are there are replaced. Folders are never: what is saved goes into them, and other files in them stay.</summary>
    public bool Force { get; init; }

    /// <summary>Which names may become file names.</summary>
    public NameRules Names { get; init; } = NameRules.Portable;

    /// <summary>Whether names that differ only in case are one name; null asks the destination.</summary>
    public bool? IgnoreCase { get; init; }
}
