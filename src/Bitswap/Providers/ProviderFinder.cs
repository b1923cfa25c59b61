using System.Threading.Channels;
using Bitswap.Blocks;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Node.Probing;
using Bitswap.Node.Routing;
using Bitswap.Pipeline;

namespace Bitswap.Providers;

/// <summary>
/// Looks for providers of several blocks at once, and writes each when it is found. What is found waits for the pipeline thread in a short queue, and the
/// sources wait for that, so a slow reader downstream holds memory constant.
/// </summary>
/// <remarks>Its members are for the pipeline thread.</remarks>
internal sealed class ProviderFinder : IDisposable
{
    /// <summary>How many blocks are looked for at once.</summary>
    private const int Searches = 8;

    private const int MaxUnwritten = 64;
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(100);
    private readonly IPipelineSink _sink;
    private readonly FindOptions _options;
    private readonly CancellationTokenSource _stop;
    private readonly SemaphoreSlim _asking;
    private readonly Channel<Action<IPipelineSink>> _unwritten = Channel.CreateBounded<Action<IPipelineSink>>(new BoundedChannelOptions(MaxUnwritten) { SingleReader = true });
    private readonly Dictionary<BitswapNode, (IReadOnlyList<IProviderSource> Sources, PeerLookups Lookups)> _sources = [];
    private readonly List<Task> _running = [];
    private Task<bool>? _waiting;

    public ProviderFinder(IPipelineSink sink, FindOptions options, CancellationToken stopping)
    {
        _sink = sink;
        _options = options;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _asking = new SemaphoreSlim(options.ThrottleLimit, options.ThrottleLimit);
    }

    /// <summary>
    /// Starts to look for the providers of one block, and writes what is found meanwhile; waits only while as many searches as allowed are under way. For a
    /// block that follows from its CID no peer is asked, which is told.
    /// </summary>
    /// <exception cref="FaultException">NoRouter.</exception>
    /// <exception cref="BitswapException">InvalidRouter.</exception>
    public void Find(BitswapNode node, Cid cid)
    {
        (IReadOnlyList<IProviderSource> sources, PeerLookups lookups) = SourcesOf(node);
        if (KnownBlock.Is(cid.Hash))
        {
            _sink.WriteWarning(PeerQuestion.FollowsFromCid(cid));
            return;
        }

        WriteWhile(() => _running.Count >= Searches);
        ProviderQuery search = new(node, cid, sources, lookups, _options, _asking, (write, token) => _unwritten.Writer.WriteAsync(write, token));
        _running.Add(RunAsync(search));
    }

    /// <summary>Writes everything that is found until every search has ended.</summary>
    public void Complete() => WriteWhile(() => _running.Count > 0);

    /// <summary>Cancels, waits until every search has ended, but not for long, and drops what was found.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        foreach ((_, PeerLookups lookups) in _sources.Values)
        {
            lookups.Dispose();
        }

        if (PipelineThread.Wait(Task.WhenAll(_running), _patience))
        {
            // one that has not ended looks at them yet
            _stop.Dispose();
            _asking.Dispose();
        }
    }

    private (IReadOnlyList<IProviderSource> Sources, PeerLookups Lookups) SourcesOf(BitswapNode node)
    {
        if (_sources.TryGetValue(node, out (IReadOnlyList<IProviderSource>, PeerLookups) known))
        {
            return known;
        }

        NodeRouting routing = node.Host.Routing;
        IEnumerable<IProviderSource> far = _options.Routers is { } routers
            ? [.. routers.Distinct().Select(routing.RouterOf), .. routing.Sources.Where(source => source.Kind != ProviderSourceKind.Delegated)]
            : routing.Sources;
        IProviderSource[] all = [new ConnectedPeers(node.Host, _options.Time, _options.ThrottleLimit), .. far];
        IProviderSource[] chosen = [.. all.Where(source => _options.Kinds?.Contains(source.Kind) ?? true)];
        foreach (ProviderSourceKind kind in _options.Kinds ?? [])
        {
            if (!chosen.Any(source => source.Kind == kind))
            {
                throw new FaultException(kind == ProviderSourceKind.Dht ? Faults.NoBootstrap(node.Name) : Faults.NoRouter(node.Name));
            }
        }

        _sink.WriteVerbose(chosen.All(source => source.Kind == ProviderSourceKind.Peers)
            ? $"{node.Name} asks its {node.Peers.Length} connected peers and no other source: no router was named with -Router or when the node started, and no DHT peer with DhtBootstrap."
            : $"{node.Name} asks {string.Join(", ", chosen.Select(source => source.Name))}.");
        (IProviderSource[], PeerLookups) made = (chosen, new PeerLookups(() => chosen, routing.Options, node.Host.Clock));
        _sources.Add(node, made);
        return made;
    }

    private void WriteWhile(Func<bool> condition)
    {
        Drain();
        while (condition())
        {
            _waiting = _waiting is { IsCompleted: false } ? _waiting : _unwritten.Reader.WaitToReadAsync(_stop.Token).AsTask();
            PipelineThread.Wait(Task.WhenAny([_waiting, .. _running]));
            _stop.Token.ThrowIfCancellationRequested();
            Drain();
        }
    }

    private void Drain()
    {
        // first the searches that have ended, since all that they found is in the queue by then
        for (int i = _running.Count - 1; i >= 0; i--)
        {
            if (_running[i].IsCompleted)
            {
                Task ended = _running[i];
                _running.RemoveAt(i);
                Write();
                PipelineThread.Wait(ended);
            }
        }

        Write();

        void Write()
        {
            while (_unwritten.Reader.TryRead(out Action<IPipelineSink>? write))
            {
                write(_sink);
            }
        }
    }

    // never on the pipeline thread
    private Task RunAsync(ProviderQuery search) => Task.Run(() => search.RunAsync(_stop.Token), CancellationToken.None);
}

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
