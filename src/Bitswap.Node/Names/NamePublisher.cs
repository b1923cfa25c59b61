using System.Globalization;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Names;

/// <summary>
/// Publishes what the names of a node's keys stand for: makes a record, keeps it, and puts it to all places that take records. Thread-safe; of one name one record at a time is under way.
/// </summary>
/// <param name="keys">The keys.</param>
/// <param name="published">What was published.</param>
/// <param name="resolver">Knows the sources of records, and is told of what is published.</param>
/// <param name="routing">The sources and the places, as they are at the time.</param>
/// <param name="options">The limits of the search for the last record.</param>
/// <param name="clock">The clock.</param>
internal sealed class NamePublisher(
    KeyStore keys, PublishedNames published, NameResolver resolver, Func<(IReadOnlyList<INameSource> Sources, IReadOnlyList<INameTarget> Targets)> routing, RoutingOptions options, TimeProvider clock)
{
    /// <summary>How long a record may be cached when its publisher does not say (boxo, ipns, DefaultRecordTTL).</summary>
    public static readonly TimeSpan DefaultTtl = TimeSpan.FromMinutes(5);

    /// <summary>How long a record is valid when its publisher does not say (boxo, ipns, DefaultRecordLifetime).</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(48);

    // Names share them by their hash: there are as many as run at once, however many names come and go.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1, 1))];

    /// <summary>Publishes what a name stands for, with a sequence one higher than that of the last record that is known here or found.</summary>
    /// <param name="keyName">The name of the key.</param>
    /// <param name="value">A path that begins with <c>/ipfs/</c> or <c>/ipns/</c>.</param>
    /// <param name="lifetime">How long the record is valid, each time it is made.</param>
    /// <param name="ttl">How long it may be cached.</param>
    /// <param name="limit">The time for all of it, of which half may be spent on the search for the last record; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BitswapException">
    /// <c>KeyNotFound</c>, <c>InvalidKey</c>; <c>NoNameSource</c>: there is no place to publish to; <c>NameNotPublished</c>: nobody took it; it is kept, and tried again.
    /// <c>InvalidName</c>: the name would stand for itself. <c>StoreFailed</c>, <c>NodeStopped</c>.
    /// </exception>
    public async Task<Publication> PublishAsync(string keyName, string value, TimeSpan lifetime, TimeSpan ttl, TimeSpan? limit, CancellationToken cancellationToken)
    {
        NamedKey key = await Task.Run(() => keys.Get(keyName), cancellationToken).ConfigureAwait(false);
        PeerId name = key.Key.PeerId;
        string text = IpnsName.TextOf(name);
        if (LeadsTo(value, name))
        {
            throw NameErrors.LeadsToItself(text);
        }

        SemaphoreSlim turn = TurnOf(name);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            (IReadOnlyList<INameSource> sources, IReadOnlyList<INameTarget> targets) = routing();
            if (targets.Count == 0)
            {
                throw NameErrors.NoTarget(text);
            }

            using CancellationTokenSource late = new(limit ?? Timeout.InfiniteTimeSpan, clock);
            PublishedName? before = published.Find(name);
            IpnsRecord? last = new[] { before?.Record, await FindLastAsync(name, sources, limit / 2, cancellationToken).ConfigureAwait(false) }.Max();
            ulong sequence = last is null ? 0 : last.Sequence < ulong.MaxValue ? last.Sequence + 1 : throw NameErrors.NoHigherSequence(text);
            IpnsRecord record = IpnsRecord.Create(key.Key, value, sequence, clock.GetUtcNow() + lifetime, ttl);

            // Kept before anybody has it, so that no other record ever has this sequence.
            PublishedName made = new(record, lifetime, before?.Published);
            await KeepAsync(made, cancellationToken).ConfigureAwait(false);
            resolver.Remember(record);
            return await PutAsync(key.Name, made, targets, late.Token, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Publishes again what a name stands for: the same value and sequence, with a new time until which it is valid.</summary>
    /// <param name="key">The key of the name.</param>
    /// <param name="limit">The time that those who are given it have.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where nothing is published of the name any more, or it is not due, since it was published meanwhile.</returns>
    /// <exception cref="BitswapException">As <see cref="PublishAsync"/> throws them.</exception>
    public async Task<Publication?> RepublishAsync(NamedKey key, TimeSpan limit, CancellationToken cancellationToken)
    {
        PeerId name = key.Key.PeerId;
        SemaphoreSlim turn = TurnOf(name);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (published.Find(name) is not { } before || before.DueAt(options.NameRepublishInterval) > clock.GetUtcNow())
            {
                return null;
            }

            IReadOnlyList<INameTarget> targets = routing().Targets;
            if (targets.Count == 0)
            {
                BitswapException none = NameErrors.NoTarget(IpnsName.TextOf(name));
                await KeepAsync(before.FailedAt(clock.GetUtcNow(), none.Message), cancellationToken).ConfigureAwait(false);
                throw none;
            }

            // A record that is valid for longer is not replaced by one that is not.
            DateTimeOffset until = new[] { clock.GetUtcNow() + before.Lifetime, new DateTimeOffset(before.Record.Validity.Utc) }.Max();
            IpnsRecord record = IpnsRecord.Create(key.Key, before.Record.Value, before.Record.Sequence, until, before.Record.Ttl ?? DefaultTtl);
            PublishedName made = before with { Record = record };
            await KeepAsync(made, cancellationToken).ConfigureAwait(false);
            using CancellationTokenSource late = new(limit, clock);
            return await PutAsync(key.Name, made, targets, late.Token, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Notes that a name could not be published again, for a reason that is not in the places to publish to.</summary>
    public void Fail(PeerId name, string why)
    {
        if (published.Find(name) is { } before)
        {
            published.Keep(before.FailedAt(clock.GetUtcNow(), why));
        }
    }

    /// <summary>Removes a key, and forgets what was published of its name, so that it is not published again. Waits for what is under way.</summary>
    /// <returns>The key and what was published of it.</returns>
    /// <exception cref="BitswapException"><c>KeyNotFound</c>; <c>InvalidKeyName</c>: it is the node's own; <c>StoreFailed</c>.</exception>
    public async Task<(NamedKey? Key, PublishedName? Published)> RemoveKeyAsync(string keyName, CancellationToken cancellationToken)
    {
        NamedKey? key = await Task.Run(() => Readable(keyName), cancellationToken).ConfigureAwait(false);
        if (key is null)
        {
            // Its file holds no key, and so no name is published with it.
            await Task.Run(() => keys.Remove(keyName), cancellationToken).ConfigureAwait(false);
            return (null, null);
        }

        SemaphoreSlim turn = TurnOf(key.Key.PeerId);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            PublishedName? before = published.Find(key.Key.PeerId);
            await Task.Run(
                () =>
                {
                    keys.Remove(keyName);
                    published.Remove(key.Key.PeerId);
                },
                cancellationToken).ConfigureAwait(false);
            return (key, before);
        }
        finally
        {
            turn.Release();
        }
    }

    private static bool LeadsTo(string value, PeerId name)
    {
        const string Prefix = "/ipns/";
        return value.StartsWith(Prefix, StringComparison.Ordinal) && PeerId.TryParse(value[Prefix.Length..].Split('/')[0], out PeerId? next) && next.Equals(name);
    }

    private NamedKey? Readable(string keyName)
    {
        try
        {
            return keys.Get(keyName);
        }
        catch (BitswapException broken) when (broken.ErrorId == NodeErrorIds.InvalidKey)
        {
            return null;
        }
    }

    private SemaphoreSlim TurnOf(PeerId name) => _turns[(uint)name.GetHashCode() % (uint)_turns.Length];

    private Task KeepAsync(PublishedName name, CancellationToken cancellationToken) => Task.Run(() => published.Keep(name), cancellationToken);

    // What cannot be found out does not keep a name from being published: a place that knows a later record refuses this one, and says so.
    private async Task<IpnsRecord?> FindLastAsync(PeerId name, IReadOnlyList<INameSource> sources, TimeSpan? limit, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(limit ?? Timeout.InfiniteTimeSpan, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            return await new RecordSearch(name, options, clock).FindAsync(sources, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<Publication> PutAsync(string key, PublishedName made, IReadOnlyList<INameTarget> targets, CancellationToken late, CancellationToken cancellationToken)
    {
        Publication result = await new RecordPut(made.Record).RunAsync(key, targets, late, cancellationToken).ConfigureAwait(false);
        if (result.Taken > 0)
        {
            await KeepAsync(made.TakenAt(clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            return result;
        }

        PublishedName failed = made.FailedAt(clock.GetUtcNow(), string.Join(' ', result.Refusals));
        await KeepAsync(failed, cancellationToken).ConfigureAwait(false);
        throw NameErrors.NotPublished(
            IpnsName.TextOf(made.Name),
            made.Record.Sequence,
            result.Refusals,
            options.NameRepublishInterval == TimeSpan.Zero
                ? "The record is kept, and is not published again by itself."
                : string.Create(CultureInfo.InvariantCulture, $"The record is kept, and the node tries again in {(failed.DueAt(options.NameRepublishInterval) - failed.Failed).TotalMinutes:0.#} minutes."));
    }
}
