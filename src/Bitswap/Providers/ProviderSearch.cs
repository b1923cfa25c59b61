using Bitswap.Errors;
using Bitswap.Node.Routing;
using Bitswap.Pipeline;

namespace Bitswap.Providers;

/// <summary>
/// The search for the providers of one block. A provider is given once: as soon as the first source names it, or, where it is to be probed, once it has been;
/// what other sources say of it until then goes into the same object, and what they say later is only told in the story.
/// </summary>
internal sealed class ProviderSearch(
    BitswapNode node,
    Cid cid,
    IReadOnlyList<IProviderSource> sources,
    FindOptions options,
    SemaphoreSlim asking,
    Func<Action<IPipelineSink>, CancellationToken, ValueTask> hand)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Candidate> _known = [];
    private readonly List<Task> _probes = [];
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
                    (found, token) => FoundAsync(found, enough, token),
                    (source, tally, failure) => EndedAsync(source, tally, failure, enough.Token),
                    options.Time,
                    node.Host.Clock,
                    enough.Token).ConfigureAwait(false);
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
        }
        catch (OperationCanceledException) when (Volatile.Read(ref _given) >= options.Count && !cancellationToken.IsCancellationRequested)
        {
            // as many as were asked for are given
        }
    }

    private async ValueTask FoundAsync(FoundProvider found, CancellationTokenSource enough, CancellationToken cancellationToken)
    {
        if (found.Peer.Equals(node.PeerId))
        {
            await hand(sink => sink.WriteVerbose($"{cid}: this node itself is named as a provider and left out"), cancellationToken).ConfigureAwait(false);
            return;
        }

        Candidate candidate;
        lock (_lock)
        {
            if (_known.TryGetValue(found.Peer, out Candidate? known))
            {
                known.Merge(found);
                return;
            }

            candidate = new Candidate(found, node.Host.IsConnected(found.Peer));
            _known.Add(found.Peer, candidate);
        }

        if (!options.Probe || found.Source == ProviderSourceKind.Peers)
        {
            HaveAnswer? said = found.Latency is { } latency ? new HaveAnswer(HaveQuestion.Have, latency) : null;
            await GiveAsync(candidate, said, enough, cancellationToken).ConfigureAwait(false);
            return;
        }

        // the source waits for room, and gives no more meanwhile
        await asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            _probes.RemoveAll(probe => probe.IsCompletedSuccessfully);
            _probes.Add(ProbeAsync(candidate, enough));
        }
    }

    private async Task ProbeAsync(Candidate candidate, CancellationTokenSource enough)
    {
        HaveAnswer said;
        try
        {
            said = await ProviderProbe.RunAsync(node.Host, cid, candidate.Peer, candidate.Addresses, options.Time, enough.Token).ConfigureAwait(false);
        }
        finally
        {
            asking.Release();
        }

        await GiveAsync(candidate, said, enough, enough.Token).ConfigureAwait(false);
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
