namespace Bitswap.Node.Names;

/// <summary>What a node has published of one name, and how it fares. Immutable.</summary>
/// <param name="Record">The last record.</param>
/// <param name="Lifetime">How long a record is valid when it is made.</param>
/// <param name="Published">When one was taken last by anybody; null for never.</param>
internal sealed record PublishedName(IpnsRecord Record, TimeSpan Lifetime, DateTimeOffset? Published)
{
    // Kubo's republisher waits as long after a failure.
    private static readonly TimeSpan _retry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _shortest = TimeSpan.FromMinutes(1);

    /// <summary>Gets whose it is.</summary>
    public PeerId Name => Record.Name;

    /// <summary>Gets how often in a row nobody took it, since the node was started.</summary>
    public int Failures { get; init; }

    /// <summary>Gets when that was last.</summary>
    public DateTimeOffset Failed { get; init; }

    /// <summary>Gets why, in words; null where the last time went well.</summary>
    public string? Failure { get; init; }

    /// <summary>Returns it after it was taken.</summary>
    public PublishedName TakenAt(DateTimeOffset now) => this with { Published = now, Failures = 0, Failure = null };

    /// <summary>Returns it after nobody took it.</summary>
    public PublishedName FailedAt(DateTimeOffset now, string why) => this with { Failures = Failures + 1, Failed = now, Failure = why };

    /// <summary>
    /// Returns when it is to be published again: after the interval, or half its lifetime where that is shorter, so that it does not expire; after a failure sooner, in a time that doubles.
    /// </summary>
    /// <param name="interval">How long after it was taken; more than 0.</param>
    public DateTimeOffset DueAt(TimeSpan interval)
    {
        TimeSpan period = new[] { interval, Lifetime / 2 }.Min();
        period = period > _shortest ? period : _shortest;
        if (Failures == 0)
        {
            return Published is { } published ? published + period : DateTimeOffset.MinValue;
        }

        // 2^6 retries are longer than any period that does not bound them.
        TimeSpan retry = _retry * (1 << Math.Min(Failures - 1, 12));
        return Failed + (retry < period ? retry : period);
    }
}
