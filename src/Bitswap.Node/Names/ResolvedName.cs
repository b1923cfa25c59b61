using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Node.Names;

/// <summary>What one name stands for.</summary>
/// <param name="Value">A path that begins with <c>/ipfs/</c> or <c>/ipns/</c>.</param>
/// <param name="Source">Who said so, in words: a router, the DHT, DNS.</param>
/// <param name="Ttl">How long that may be used again.</param>
internal sealed record NameStep(string Value, string Source, TimeSpan Ttl)
{
    /// <summary>Gets the record, of an IPNS name; null of a domain.</summary>
    public IpnsRecord? Record { get; init; }
}

/// <summary>What a name with a path leads to.</summary>
/// <param name="Name">The first name, in its canonical form: <c>k51...</c> or a domain.</param>
/// <param name="Path">The path to content; null where only one step was asked for, and that leads to another name.</param>
/// <param name="Next">The name that it leads to; null where it leads to content.</param>
/// <param name="Steps">What each name on the way stands for, at least one.</param>
internal sealed record ResolvedName(string Name, ContentPath? Path, NamePath? Next, IReadOnlyList<NameStep> Steps)
{
    /// <summary>Gets the path as text.</summary>
    public string Text => Path?.ToString() ?? Next!.ToString();

    /// <summary>Gets how long it may be used again: the shortest time of all steps.</summary>
    public TimeSpan Ttl => Steps.Min(step => step.Ttl);

    /// <summary>Gets until when the records on the way are valid, all of them; null where there is none.</summary>
    public DateTimeOffset? ValidUntil => Steps.Min(step => step.Record is { } record ? new DateTimeOffset(record.Validity.Utc) : (DateTimeOffset?)null);
}

/// <summary>How a name is looked up.</summary>
internal sealed record NameQuestion
{
    /// <summary>Gets whether DNS may be asked.</summary>
    public bool MayAskDns { get; init; }

    /// <summary>Gets whether a name that leads to another name is followed to content.</summary>
    public bool IsRecursive { get; init; } = true;

    /// <summary>Gets whether what was looked up before, and may be used still, is.</summary>
    public bool UsesCache { get; init; } = true;

    /// <summary>Gets whether no source is asked: what is remembered is used, or the name is not resolved.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Gets who is asked in place of the node's own sources; null for those.</summary>
    public IReadOnlyList<INameSource>? Sources { get; init; }

    /// <summary>Gets the time for all of it; null for none.</summary>
    public TimeSpan? Limit { get; init; }
}
