using System.Collections.Concurrent;
using Bitswap.Node;
using Bitswap.Node.Abstractions;
using Bitswap.Node.Observability;
using Bitswap.Node.Tracing;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap;

/// <summary>A node that runs in this process. Thread-safe; use it in other runspaces as <c>$using:node</c>.</summary>
public sealed partial class BitswapNode : IDisposable
{
    /// <summary>How long <see cref="Dispose"/> waits for a node to stop.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);
    private readonly StoreChoice? _store;
    private IDisposable? _filter;
    private readonly LogFile? _log;
    private readonly Task _cleanUp;
    private IReadOnlyList<NodeAddress> _knownAddresses = [];
    private IReadOnlyList<Multiaddr> _dialAddresses = [];
    private long _lastTrace;

    internal BitswapNode(string name, NodeHost host, IReadOnlyList<Multiaddr> listen, Guid owner, StoreChoice? store, IDisposable? filter = null, LogFile? log = null)
    {
        Name = name;
        Host = host;
        Owner = owner;
        ListenAddress = [.. listen.Select(address => address.ToString())];
        PeerId = host.PeerId.ToString();
        _dialAddresses = host.DialAddresses;
        _knownAddresses = host.KnownAddresses;
        _store = store;
        _filter = filter;
        _log = log;
        _events = new NodeEvents(host, Raise);
        _cleanUp = CleanUpAsync();
    }

    /// <summary>The name it goes by in this process.</summary>
    public string Name { get; }

    /// <summary>The id by which peers know it.</summary>
    public string PeerId { get; }

    /// <summary>
    /// The addresses to dial it at, each ending with its peer id: those that others can reach before those of this machine alone, and of these the confirmed first. Besides those that
    /// it listens on, there are the confirmed ones that peers report.
    /// </summary>
    public string[] Addresses => [.. DialAddresses.Select(address => address.ToString())];

    /// <summary>What is known of whether others reach it at each address; also of those that peers report and that are not confirmed.</summary>
    public BitswapNodeAddress[] Reachability => [.. KnownAddresses.Select(address => new BitswapNodeAddress(address, this))];

    /// <summary>The addresses it was told to listen on.</summary>
    public string[] ListenAddress { get; }

    /// <summary>Its repository folder; null when all is in memory.</summary>
    public string? Path => Host.Path;

    /// <summary>The fingerprint of the swarm key of the private network that it is in, by which nodes with the same key are known; null where it is in none.</summary>
    public string? PrivateNetwork { get; internal init; }

    /// <summary>When it was started.</summary>
    public DateTimeOffset Started => Host.Started;

    /// <summary>The peers connected now.</summary>
    public string[] Peers => [.. Host.ConnectedPeers.Select(peer => peer.ToString())];

    /// <summary>Whether it takes calls.</summary>
    public bool IsRunning => Host.IsRunning;

    /// <summary>The runspace that started it, which takes it along when it closes.</summary>
    internal Guid Owner { get; }

    /// <summary>Whether it lives for one call of a cmdlet. It is not meant where a node is left out.</summary>
    internal bool IsOfCall { get; init; }

    /// <summary>The addresses to dial it at, also when it has stopped.</summary>
    internal IReadOnlyList<Multiaddr> DialAddresses => Host.IsRunning ? _dialAddresses = Host.DialAddresses : _dialAddresses;

    /// <summary>What is known of them, also when it has stopped.</summary>
    internal IReadOnlyList<NodeAddress> KnownAddresses => Host.IsRunning ? _knownAddresses = Host.KnownAddresses : _knownAddresses;

    /// <summary>What is to be told of its log when it has stopped; null when all is in it.</summary>
    internal string? LogWarning => _log is { Lost: > 0 } lossy
        ? $"{lossy.Lost} lines are missing in the log '{lossy.Path}': {lossy.Failure?.Message ?? "they came faster than they could be written."}"
        : null;

    /// <summary>What does the work.</summary>
    internal NodeHost Host { get; }

    /// <summary>The wants of <c>Start-BitswapWant</c> that have not ended.</summary>
    internal ConcurrentDictionary<long, BitswapWant> Wants { get; } = new();

    /// <summary>The traces of <c>Start-BitswapTrace</c> that run.</summary>
    internal ConcurrentDictionary<long, BitswapTrace> Traces { get; } = new();

    /// <summary>Stops the node and waits until it has, 15 seconds at most. Does nothing when it is stopped.</summary>
    public void Dispose() => StopAll([this]);

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Stops nodes together and waits for all, a bounded time.</summary>
    internal static void StopAll(IReadOnlyList<BitswapNode> nodes) =>
        PipelineThread.Wait(Task.WhenAll(nodes.Select(node => node.StopAsync())), _patience);

    /// <summary>Lists a want until it ends.</summary>
    internal BitswapWant Track(NodeWant started)
    {
        BitswapWant want = new(started, this);
        Wants[started.Id] = want;
        _ = ForgetAsync(started);
        return want;
    }

    /// <summary>Starts a trace and lists it until it ends.</summary>
    /// <exception cref="BitswapException">TraceFailed.</exception>
    internal BitswapTrace StartTrace(TraceOptions options)
    {
        BitswapTrace trace = new(Interlocked.Increment(ref _lastTrace), this, TraceRecorder.Start(Host, options));
        Traces[trace.Id] = trace;
        _ = ForgetAsync(trace);
        return trace;
    }

    /// <summary>Keeps another filter until the node has stopped, and frees the one before.</summary>
    internal void ReplaceFilter(IDisposable? filter)
    {
        Interlocked.Exchange(ref _filter, filter)?.Dispose();

        // the node may have stopped meanwhile, and freed the one before
        if (filter is not null && !Host.IsRunning)
        {
            Interlocked.Exchange(ref _filter, null)?.Dispose();
        }
    }

    /// <summary>Stops the node; what it leaves behind is cleaned up when the task ends.</summary>
    internal async Task StopAsync()
    {
        await Host.StopAsync().ConfigureAwait(false);
        await _cleanUp.ConfigureAwait(false);
    }

    private async Task ForgetAsync(NodeWant want)
    {
        await ((Task)want.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Wants.TryRemove(want.Id, out _);
    }

    private async Task ForgetAsync(BitswapTrace trace)
    {
        await trace.Recorder.Completion.ConfigureAwait(false);
        Traces.TryRemove(trace.Id, out _);
    }

    // also when it was not the module that stopped it
    private async Task CleanUpAsync()
    {
        await Host.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Host.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(Traces.Values.Select(trace => trace.Recorder.Completion)).ConfigureAwait(false);
        NodeRegistry.Release(Name);
        ReplaceFilter(null);
        if (_store is not null)
        {
            await _store.DisposeAsync().ConfigureAwait(false);
        }

        if (_log is not null)
        {
            await _log.DisposeAsync().ConfigureAwait(false);
        }
    }
}
