using Bitswap.Errors;
using Bitswap.Node.Probing;
using Bitswap.Node.Routing;
using Bitswap.Pipeline;

namespace Bitswap.Providers;

/// <summary>
/// The search for the providers of one block. A provider is given once: as soon as the first source names it, or, where it is to be probed, once it has been;
/// what other sources say of it until then goes into the same object, and what they say later is only told in the story. One without an address that can be
/// dialled is looked up first.
/// </summary>
internal sealed class ProviderQuery(
    BitswapNode node,
    Cid cid,
    IReadOnlyList<IProviderSource> sources,
    PeerLookups lookups,
    FindOptions options,
    SemaphoreSlim asking,
    Func<Action<IPipelineSink>, CancellationToken, ValueTask> hand)
{
    // as many as are shown of one
    private const int MaxAddresses = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Candidate> _known = [];
    private readonly List<Task> _probes = [];

    // named without a protocol that this node speaks: another source may name one
    private readonly HashSet<Candidate> _unspoken = [];
    private readonly SearchReport _report = new();
    private int _given;

    /// <summary>Ends when every source and every probe has.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            try
            {
                await ProviderSources.AskAllAsync(
                    sources,
                    cid,
                    (found, token) => FoundAllAsync(found, enough, token),
                    (source, tally, failure) => EndedAsync(source, tally, failure, enough.Token),
                    options.Time,
                    node.Host.Clock,
                    enough.Token).ConfigureAwait(false);
                await GiveUnspokenAsync(enough).ConfigureAwait(false);
            }
            catch
            {
                await enough.CancelAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                await Task.WhenAll(_probes).ConfigureAwait(false);
            }

            await hand(sink => sink.WriteVerbose($"{cid}: {_report.Summary()}"), enough.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Volatile.Read(ref _given) >= options.Count && !cancellationToken.IsCancellationRequested)
        {
            // as many as were asked for are given
        }
    }

    private async ValueTask FoundAllAsync(FoundProvider found, CancellationTokenSource enough, CancellationToken cancellationToken)
    {
        foreach (FoundProvider part in node.Host.Routing.PartsOf(found))
        {
            await FoundAsync(part, enough, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FoundAsync(FoundProvider found, CancellationTokenSource enough, CancellationToken cancellationToken)
    {
        if (found.Peer.Equals(node.Host.PeerId))
        {
            await hand(sink => sink.WriteVerbose($"{cid}: this node is named as a provider, and is left out"), cancellationToken).ConfigureAwait(false);
            return;
        }

        Candidate candidate;
        lock (_lock)
        {
            if (_known.TryGetValue(found.Peer, out Candidate? known))
            {
                known.Named.Add(found);
                if (known.Named.ProtocolObstacle is not null || !_unspoken.Remove(known))
                {
                    return;
                }

                candidate = known;
            }
            else
            {
                NamedProvider named = new(found.Peer, MaxAddresses);
                named.Add(found);
                candidate = new Candidate(named, node.Host.IsConnected(found.Peer));
                _known.Add(found.Peer, candidate);
                if (options.Probe && found.Latency is null && named.ProtocolObstacle is not null && !node.Host.IsConnected(found.Peer))
                {
                    _unspoken.Add(candidate);
                    return;
                }
            }
        }

        if (found.Latency is { } latency)
        {
            await GiveAsync(candidate, new HaveAnswer(HaveQuestion.Have, latency), enough, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!options.Probe && (candidate.Named.ProtocolObstacle is not null || candidate.Named.AddressObstacle is null))
        {
            await GiveAsync(candidate, null, enough, cancellationToken).ConfigureAwait(false);
            return;
        }

        // the source waits for room, and gives no more meanwhile
        await StartProbeAsync(candidate, enough, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask StartProbeAsync(Candidate candidate, CancellationTokenSource enough, CancellationToken cancellationToken)
    {
        await asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _probes.RemoveAll(probe => probe.IsCompletedSuccessfully);
            _probes.Add(ProbeAsync(candidate, enough));
        }
    }

    /// <summary>Gives those that no source named with a protocol that this node speaks, now that all have ended.</summary>
    private async Task GiveUnspokenAsync(CancellationTokenSource enough)
    {
        Candidate[] unspoken;
        lock (_lock)
        {
            unspoken = [.. _unspoken];
            _unspoken.Clear();
        }

        foreach (Candidate candidate in unspoken)
        {
            await StartProbeAsync(candidate, enough, enough.Token).ConfigureAwait(false);
        }
    }

    private async Task ProbeAsync(Candidate candidate, CancellationTokenSource enough)
    {
        HaveAnswer? said;
        try
        {
            said = await AskAsync(candidate, enough.Token).ConfigureAwait(false);
        }
        finally
        {
            asking.Release();
        }

        await GiveAsync(candidate, said, enough, enough.Token).ConfigureAwait(false);
    }

    /// <summary>What a provider says, or why it cannot be asked; null where it is not to be, and there is nothing in the way.</summary>
    private async Task<HaveAnswer?> AskAsync(Candidate candidate, CancellationToken cancellationToken)
    {
        if (!node.Host.IsConnected(candidate.Peer))
        {
            if (candidate.Named.ProtocolObstacle is { } other)
            {
                return Obstacle(ProviderProbe.CannotAsk, other, TimeSpan.Zero);
            }

            if (candidate.Named.AddressObstacle is not null)
            {
                long began = node.Host.Clock.GetTimestamp();
                PeerLookup lookup = await lookups.FindAsync(candidate.Peer, cancellationToken).ConfigureAwait(false);
                if (candidate.Named.Add(lookup) is { } obstacle)
                {
                    return Obstacle(ProviderProbe.Unreachable, obstacle, node.Host.Clock.GetElapsedTime(began));
                }
            }
        }

        return options.Probe
            ? await ProviderProbe.RunAsync(node.Host, cid, candidate.Named, options.Time, cancellationToken).ConfigureAwait(false)
            : null;

        HaveAnswer? Obstacle(string answer, ProviderObstacle obstacle, TimeSpan latency) => options.Probe ? new HaveAnswer(answer, latency, obstacle.Reason) : null;
    }

    private async ValueTask GiveAsync(Candidate candidate, HaveAnswer? said, CancellationTokenSource enough, CancellationToken cancellationToken)
    {
        int given = Interlocked.Increment(ref _given);
        if (given > options.Count)
        {
            return;
        }

        BitswapProvider provider;
        lock (_lock)
        {
            provider = candidate.ToOutput(cid, node, said);
            _report.Add(candidate.Peer, candidate.Outcome(provider));
        }

        await hand(sink => sink.WriteObject(provider), cancellationToken).ConfigureAwait(false);
        if (given == options.Count)
        {
            await enough.CancelAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask EndedAsync(IProviderSource source, ProviderTally tally, Exception? failure, CancellationToken cancellationToken)
    {
        Fault? fault = failure switch
        {
            null => null,
            TimeoutException => source.Kind == ProviderSourceKind.Peers ? null : Faults.Timeout(source.Name, options.Time!.Value),
            _ => FaultMap.TryMap(failure, cid, out Fault? mapped) ? mapped : throw failure,
        };
        await hand(
            sink =>
            {
                sink.WriteVerbose($"{cid}: {source.Name}: {tally}");
                if (fault is not null)
                {
                    sink.WriteFault(fault);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }
}
