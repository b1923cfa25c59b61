namespace Bitswap.Node.Files;

/// <summary>How the blocks of one graph are fetched.</summary>
public sealed record FetchSessionOptions
{
    /// <summary>Asks these peers alone and tells nobody else of the CIDs; null asks whoever may have them.</summary>
    public IReadOnlyList<PeerId>? OnlyPeers { get; init; }

    /// <summary>
    /// Whether a block is waited for, as long as <see cref="Silence"/> allows, although every peer says that it does not have it: one may be about to
    /// get it. False by default: it fails at once.
    /// </summary>
    public bool Wait { get; init; }

    /// <summary>How long no block may arrive while one is wanted, 1 ms to 365 days; null waits for ever. As long as blocks come, a fetch may take any time.</summary>
    public TimeSpan? Silence { get; init => field = InRange(value); } = TimeSpan.FromSeconds(30);

    /// <summary>As <see cref="WantOptions.Passing"/>.</summary>
    public bool Passing { get; init; }

    /// <summary>Higher is served first. The protocol's default is 1.</summary>
    public int Priority { get; init; } = 1;

    private static TimeSpan? InRange(TimeSpan? value) => value is null || (value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromDays(365))
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "A time must be from 1 ms to 365 days.");
}
