using System.Net;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Names;

/// <summary>
/// Finds what names stand for: IPNS names by their records, which the node's sources are asked for, and domains by DNSLink, which DNS is. A name may lead to another, so many times and no
/// more. Thread-safe.
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="clock">The clock of every wait and of the validity of records.</param>
/// <param name="sources">Who is asked for records now.</param>
/// <param name="lookUp">Looks up the TXT records of a name; null for the system's name servers.</param>
internal sealed class NameResolver(
    RoutingOptions options, TimeProvider clock, Func<IReadOnlyList<INameSource>> sources, Func<string, CancellationToken, Task<TxtAnswer>>? lookUp = null)
{
    private const int DnsPort = 53;

    // where a record does not say (boxo, namesys: DefaultResolverCacheTTL)
    private static readonly TimeSpan _defaultTtl = TimeSpan.FromMinutes(1);
    private readonly NameCache _cache = new(options.MaxCachedNames, clock);
    private readonly Func<string, CancellationToken, Task<TxtAnswer>> _lookUp = lookUp
        ?? (options.DnsServer.Length == 0 ? TxtRecords.QueryAsync : (name, cancellationToken) => TxtRecords.QueryAsync(ServerOf(options.DnsServer), name, cancellationToken));

    /// <summary>Gets whether a name that stands where a CID is expected may be asked of DNS.</summary>
    public bool MayAskDns => options.ResolveNames;

    /// <summary>Remembers a record that this node has published, in place of what the name stood for.</summary>
    public void Remember(IpnsRecord record)
    {
        TimeSpan ttl = record.Ttl ?? _defaultTtl;
        _cache.Keep(IpnsName.TextOf(record.Name), new NameStep(record.Value, "this node", ttl < options.MaxNameCacheTime ? ttl : options.MaxNameCacheTime) { Record = record });
    }

    /// <summary>Finds what a name with a path leads to.</summary>
    /// <param name="path">The name and the path.</param>
    /// <param name="question">How.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BitswapException">
    /// <c>InvalidName</c>, <c>NoNameSource</c>: it cannot be asked for. <c>NameNotFound</c>, <c>InvalidNameRecord</c>, <c>NameRecursion</c>: it leads nowhere.
    /// <c>Timeout</c>, <c>NodeStopped</c>, and the errors of a router or the DHT where that is the only source.
    /// </exception>
    public async ValueTask<ResolvedName> ResolveAsync(NamePath path, NameQuestion question, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(question.Limit ?? Timeout.InfiniteTimeSpan, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        NamePath at = path;
        try
        {
            List<NameStep> steps = [];
            string? first = null;
            while (true)
            {
                (string name, NameStep step) = await StepAsync(at.Name, question, either.Token).ConfigureAwait(false);
                first ??= name;
                steps.Add(step);
                (ContentPath? content, NamePath? next) = Follow(name, step.Value, at.Names);
                if (content is not null || !question.IsRecursive)
                {
                    return new ResolvedName(first, content, next, steps);
                }

                at = steps.Count < options.MaxNameSteps ? next! : throw NameErrors.TooManySteps(path.ToString(), options.MaxNameSteps, next!.ToString());
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NameErrors.Timeout(at.ToString(), question.Limit!.Value);
        }
    }

    private static IPEndPoint ServerOf(string text)
    {
        IPEndPoint server = IPEndPoint.Parse(text);
        return server.Port == 0 ? new IPEndPoint(server.Address, DnsPort) : server;
    }

    private async ValueTask<(string Name, NameStep Step)> StepAsync(string text, NameQuestion question, CancellationToken cancellationToken)
    {
        PeerId? key = PeerId.TryParse(text, out PeerId? parsed) ? parsed : null;
        if (key is null && Cid.TryParse(text, out Cid? cid))
        {
            throw NameErrors.Invalid(text, $"it is a CID of the codec {cid.CodecName}, and that of a name is libp2p-key");
        }

        string name = key is not null ? IpnsName.TextOf(key) : DnsLink.DomainOf(text) ?? throw NameErrors.Invalid(text, "it is neither the hash of a key nor a domain");
        if (question.UsesCache && _cache.Fresh(name) is { } known)
        {
            return (name, known);
        }

        if (question.IsLocal)
        {
            throw NameErrors.NotRemembered(name);
        }

        NameStep step = key is not null
            ? await AskForRecordAsync(key, name, question, cancellationToken).ConfigureAwait(false)
            : await AskDnsAsync(name, question, cancellationToken).ConfigureAwait(false);
        _cache.Keep(name, step);
        return (name, step);
    }

    private async ValueTask<NameStep> AskForRecordAsync(PeerId key, string name, NameQuestion question, CancellationToken cancellationToken)
    {
        IReadOnlyList<INameSource> asked = question.Sources ?? sources();
        if (asked.Count == 0)
        {
            throw NameErrors.NoSource(name);
        }

        (IpnsRecord record, string source) = await new RecordSearch(key, options, clock).RunAsync(asked, cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = clock.GetUtcNow();
        if (_cache.Last(name) is { Record: { } before } last && before.CompareTo(record) > 0 && !before.IsExpiredAt(now))
        {
            // A source that is behind, or hides what is newer.
            (record, source) = (before, last.Source);
        }

        TimeSpan left = record.Validity.Utc - now.UtcDateTime;
        TimeSpan ttl = new[] { record.Ttl ?? _defaultTtl, left, options.MaxNameCacheTime }.Min();
        return new NameStep(record.Value, source, ttl) { Record = record };
    }

    private async ValueTask<NameStep> AskDnsAsync(string domain, NameQuestion question, CancellationToken cancellationToken)
    {
        if (!question.MayAskDns)
        {
            throw NameErrors.DnsNotAllowed(domain);
        }

        TxtAnswer answer;
        try
        {
            answer = await _lookUp(DnsLink.QuestionOf(domain), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Libp2pException failure)
        {
            throw NameErrors.DnsFailed(domain, failure);
        }

        IReadOnlyList<string> values = DnsLink.ValuesOf(answer.Texts);
        return values.Count switch
        {
            1 => new NameStep(values[0], "DNS", answer.Ttl < options.MaxNameCacheTime ? answer.Ttl : options.MaxNameCacheTime),
            0 => throw NameErrors.NoDnsLink(domain, answer.Texts.Count),
            _ => throw NameErrors.SeveralDnsLinks(domain, values),
        };
    }

    /// <summary>Returns where a value leads, with the names that followed the name it is of.</summary>
    private static (ContentPath? Content, NamePath? Next) Follow(string name, string value, IReadOnlyList<string> names)
    {
        try
        {
            if (NamePath.TryParse(value, out NamePath? next))
            {
                return (null, names.Aggregate(next, (path, one) => path.Append(one)));
            }

            ContentPath content = ContentPath.Parse(value);
            if (content.Root.Codec != Multicodec.Libp2pKey)
            {
                return (names.Aggregate(content, (path, one) => path.Append(one)), null);
            }

            return (null, new NamePath(content.Root.ToString(), [.. content.Names, .. names]));
        }
        catch (FormatException failure) when (failure is MultiformatException or DagException)
        {
            throw NameErrors.NoPath(name, value, failure);
        }
    }
}
