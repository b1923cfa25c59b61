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

    /// <summary>Higher is served first. The protocol's default is 1.</summary>
    public int Priority { get; init; } = 1;

    /// <summary>The pause between attempts to reach a peer that was lost, while blocks are wanted: 10 ms to 1 h, 1 s by default; null makes none.</summary>
    public TimeSpan? Redial { get; init => field = InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(1);

    private static TimeSpan? InRange(TimeSpan? value) => InRange(value, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(365));

    private static TimeSpan? InRange(TimeSpan? value, TimeSpan least, TimeSpan most) => value is null || (value >= least && value <= most)
        ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, $"A time must be from {least} to {most}.");
}
