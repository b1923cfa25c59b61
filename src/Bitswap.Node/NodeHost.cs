using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Core;
using Bitswap.Node.Engine;
using Bitswap.Node.Names;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Observability;
using Bitswap.Node.Peers;
using Bitswap.Node.Providing;
using Bitswap.Node.Repositories;
using Bitswap.Node.Routing;
using Bitswap.Protocol;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node;

/// <summary>
/// A Bitswap node: the engine given a clock, a network and a disk. One loop is the single-threaded owner of the engine; everything
/// here posts to it. Thread-safe.
/// </summary>
/// <remarks>Once stopped, every call throws a <see cref="BitswapException"/> with the id <c>NodeStopped</c>.</remarks>
public sealed partial class NodeHost : IAsyncDisposable
{
    private readonly NodeOptions _options;
    private readonly ILogger _log;
    private readonly LogFanOut _listeners;
    private readonly IPeerNetwork _network;
    private readonly Repository? _repository;
    private readonly IBlockstore _store;
    private readonly VerifiedStore _verified;
    private readonly bool _ownsStore;
    private readonly MessageOptions _messages;
    private readonly PeerLinks _links;
    private readonly EngineLoop _loop;
    private readonly ActionRunner _actions;
    private readonly StoreWorker _worker;
    private readonly PeerKeeper _keeper;
    private readonly PeerConnector _connector;
    private readonly ProviderDialler _search;
    private readonly HintDialler _hints;
    private readonly AccessGate? _access;
    private readonly ProvideState? _provideState;
    private readonly DhtMemory _dhtMemory;
    private readonly Lock _stopLock = new();
    private readonly long _startStamp;
    private Task _running = Task.CompletedTask;
    private Task? _stopped;
    private long _lastId;

    private NodeHost(NodeOptions options, LogFanOut listeners, Repository? repository, KeptState kept, IPeerNetwork network)
    {
        (Pins, Keys, PublishedNames, _provideState, _dhtMemory) = kept;
        _listeners = listeners;
        _options = options;
        _repository = repository;
        _network = network;
        _log = options.LoggerFactory.CreateLogger<NodeHost>();
        _ownsStore = options.Blockstore is null;
        _store = options.Blockstore ?? (IBlockstore?)repository?.Blocks ?? new MemoryBlockstore(options.MaxMemoryBytes, options.MaxPassingBytes);
        ByteGate gate = new(options.MaxReceivedBytes);
        _verified = new VerifiedStore(_store, options.MaxCorruptBlocks, FoundCorrupt) { Used = NoteUse };
        _worker = new StoreWorker(_store, _verified, new StoreBounds(options.StoreParallelism, options.StoreTimeout, options.Clock), gate, GcLocker, _log) { Stored = NoteStored };
        _access = options.Filter is { } filter ? new AccessGate(filter, options.FilterTimeout, options.FilterParallelism, options.Clock, _log) : null;
        _messages = new MessageOptions
        {
            Protocols = [.. options.ProtocolVersions.Select(BitswapProtocolIds.ToId)],
            Wire = options.Wire,
            Clock = options.Clock,
        };
        AddressBook addresses = new(options.Engine.MaxLostPeers);
        LinkOptions link = new()
        {
            Room = new FrameRoom(options.MaxFrameBytes, options.Clock),
            Protocols = _messages.Protocols,
            Clock = options.Clock,
            Access = _access,
            Addresses = addresses,
            EntryRate = new EntryRate(options.PeerEntryRate, options.Clock),
        };
        _links = new PeerLinks(link, _log);
        _connector = new PeerConnector(network, _links, addresses, options.BitswapNegotiationTime, options.Clock);
        _actions = new ActionRunner(_links, _connector, _worker, _messages.Memory, _log);
        Routing = new NodeRouting(options.Routing, options.Clock, network.Dht, _dhtMemory) { AsksGateways = options.Http.HttpRetrieval };
        Names = new NameResolver(options.Routing, options.Clock, () => Routing.NameSources);
        NamePublisher = new NamePublisher(Keys, PublishedNames, Names, () => (Routing.NameSources, Routing.NameTargets), options.Routing, options.Clock);
        EngineOptions engineOptions = Routing.Sources.Count > 0 ? options.Engine with { ProviderSearch = true } : options.Engine;
        BitswapEngine engine = new(engineOptions, options.Seed ?? (ulong)Random.Shared.NextInt64());
        _loop = new EngineLoop(engine, options.Clock, options.InboxCapacity, _actions.Perform)
        {
            Settled = _actions.ReuseFrames,
            Watch = new NodeWatch(options.Clock, _log),
            Meters = new NodeMeters(network.PeerId),
        };
        network.UseScores(_loop.Scores.Of);
        _actions.Attach(_loop);
        _links.Attach(network, _loop, gate);
        _keeper = new PeerKeeper(_connector, [.. options.Peers, .. options.Http.Gateways.Select(static gateway => HttpAddress.Of(gateway).Multiaddr).Distinct()], options.Clock, _log);
        _links.Left += _keeper.PeerLeft;
        _search = new ProviderDialler(_connector, Routing, engineOptions.ProviderSearchTimeout, options.Clock, _log);
        _actions.Search = _search;
        _hints = new HintDialler(_connector, Routing, options.Clock);
        Started = options.Clock.GetUtcNow();
        _startStamp = options.Clock.GetTimestamp();
    }

    /// <summary>Gets the node's own id.</summary>
    public PeerId PeerId => _network.PeerId;

    /// <summary>Gets the addresses a peer can dial, each with its <c>/p2p/</c> part.</summary>
    public IReadOnlyList<Multiaddr> Addresses => _network.Addresses;

    /// <summary>Gets the repository folder, or null when all is in memory.</summary>
    public string? Path => _options.Path;

    /// <summary>Gets the warnings about its repository, each in a sentence or two.</summary>
    public IReadOnlyList<string> Warnings => _repository?.Warnings ?? [];

    /// <summary>Gets when the node was started.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Gets the block store. What is put there directly, peers who wait for it are not told of.</summary>
    public IBlockstore Blocks => _store;

    /// <summary>Gets whether the node takes calls.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_stopLock)
            {
                return _stopped is null;
            }
        }
    }

    /// <summary>Ends when the node has stopped.</summary>
    public Task Completion => _running;

    /// <summary>Starts a node; it listens when the task ends.</summary>
    /// <exception cref="BitswapException">The repository is locked or broken, or an address cannot be listened on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static async Task<NodeHost> StartAsync(NodeOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        EnsureCanProvide(options.Routing);
        LogFanOut log = new(options.LoggerFactory);
        if (options.LogListener is { } listener)
        {
            log.Add(listener);
        }

        options = options with { LoggerFactory = log };
        Repository? repository = options.Path is { } path ? await Repository.OpenAsync(path, new RepositoryOptions { Identity = options.Identity, Blocks = new FlatFileOptions { Quota = QuotaOf(options) } }, cancellationToken).ConfigureAwait(false) : null;
        IPeerNetwork? network = null;
        NodeHost? node = null;
        KeptState? kept = null;
        try
        {
            // A network that is made here is given the key, so that it is known.
            PrivateKey? identity = options.Identity ?? repository?.Identity ?? (options.Network is null && options.NetworkFactory is null ? PrivateKey.Generate() : null);
            network = options.Network ?? options.NetworkFactory?.Invoke(identity) ?? options.CreateLibp2pNetwork(identity);
            PrivateKey? self = network.PeerId.Equals(identity?.PeerId) ? identity : null;
            kept = await Task.Run(() => KeptState.Read(repository, self, options, log.CreateLogger<NodeHost>()), cancellationToken).ConfigureAwait(false);
            network = options.JoinGateways(network);
            EnsureCanDiscover(options.Routing, network);
            node = new NodeHost(options, log, repository, kept, network);
            node.EnsureCanCollect();
            await network.StartAsync(node._links, node._messages, cancellationToken).ConfigureAwait(false);
            node.Run();
            return node;
        }
        catch
        {
            await DisposeAsync(network).ConfigureAwait(false);
            kept?.Dht.Dispose();
            await DisposeAsync(repository).ConfigureAwait(false);
            node?._worker.Dispose();
            throw;
        }
    }

    /// <summary>Stops: pending wants end with <c>NodeStopped</c>, connections close, and the store is closed cleanly.</summary>
    public Task StopAsync()
    {
        lock (_stopLock)
        {
            return _stopped ??= Task.Run(StopCoreAsync);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(StopAsync());

    private void Run()
    {
        _running = RunLoopAsync();
        _keeper.Start();
        StartRepublishing();
        StartProviding();
        StartDiscovery();
        StartCollecting();
        _log.Started(PeerId, string.Join(", ", Addresses));
        foreach (string warning in Warnings)
        {
            _log.RepositoryWarning(warning);
        }
    }

    private async Task RunLoopAsync()
    {
        BitswapException end = NodeErrors.Stopped();
        try
        {
            await _loop.RunAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _log.LoopFailed(failure, PeerId);
            end = NodeErrors.Failed(failure);
            _ = StopAsync();
            throw;
        }
        finally
        {
            _actions.FailAll(end);
            _loop.Watch.End();
        }
    }

    private async Task StopCoreAsync()
    {
        await DisposeAsync(_republisher).ConfigureAwait(false);
        await DisposeAsync(_provider).ConfigureAwait(false);
        await StopDiscoveryAsync().ConfigureAwait(false);
        await DisposeAsync(_collector).ConfigureAwait(false);
        await _keeper.StopAsync().ConfigureAwait(false);
        await _links.CloseAsync().ConfigureAwait(false);
        await _network.DisposeAsync().ConfigureAwait(false);
        _loop.Complete();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _actions.StopAsync().ConfigureAwait(false);
        await _hints.WhenAllAsync().ConfigureAwait(false);
        _search.Dispose();
        Routing.Dispose();
        _dhtMemory.Dispose();
        if (_ownsStore && _repository is null)
        {
            await _store.DisposeAsync().ConfigureAwait(false);
        }

        await DisposeAsync(_repository).ConfigureAwait(false);
        _worker.Dispose();
        _log.Stopped(PeerId);
    }

    private static async ValueTask DisposeAsync(IAsyncDisposable? owned)
    {
        if (owned is not null)
        {
            await owned.DisposeAsync().ConfigureAwait(false);
        }
    }

    // What is kept beside the blocks.
    private sealed record KeptState(PinSet Pins, KeyStore Keys, PublishedNames Names, ProvideState? Provided, DhtMemory Dht)
    {
        public static KeptState Read(Repository? repository, PrivateKey? self, NodeOptions options, ILogger log)
        {
            try
            {
                return new KeptState(
                    new PinSet(repository is null ? null : System.IO.Path.Combine(repository.Path, PinFile.Name), options.Clock),
                    new KeyStore(repository, self, options.Clock),
                    new PublishedNames(repository?.Path, repository is { IsReadOnly: true }, log),
                    options.Routing.Provide == ProvideStrategy.None
                        ? null
                        : new ProvideState(repository is { IsReadOnly: false } ? repository.Path : null, options.Routing.Provide, options.Clock.GetUtcNow(), log),
                    new DhtMemory(
                        options.Routing.DhtBootstrap.Count > 0 ? repository?.Path : null, repository is { IsReadOnly: true }, options.Routing.DhtProtocol, options.Clock, log));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw StoreErrors.Failed($"The repository '{repository?.Path}' cannot be opened", repository?.Path, error);
            }
        }
    }

    /// <summary>Refuses calls once the node has stopped.</summary>
    /// <exception cref="BitswapException">NodeStopped.</exception>
    internal void EnsureRunning()
    {
        if (!IsRunning)
        {
            throw NodeErrors.Stopped();
        }
    }
}
