namespace Bitswap.Providers;

/// <summary>How providers are looked for.</summary>
internal sealed record FindOptions
{
    /// <summary>Which kinds of sources are asked; null asks all that there are.</summary>
    public IReadOnlyList<ProviderSourceKind>? Kinds { get; init; }

    /// <summary>The routers to ask in place of the node's own; null for those.</summary>
    public IReadOnlyList<Uri>? Routers { get; init; }

    /// <summary>Whether each provider is asked itself.</summary>
    public bool Probe { get; init; }

    /// <summary>How many providers of one block are given, 1 or more; null for all.</summary>
    public int? Count { get; init; }

    /// <summary>The time that each source has for one block, and each provider that is asked; null for no limit.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>How many peers are asked or dialled at once, 1 or more.</summary>
    public int ThrottleLimit { get; init; } = 16;
}
