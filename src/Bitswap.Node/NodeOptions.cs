using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bitswap.Node;

/// <summary>The options of a node. Everything has a safe default: in memory, on loopback alone.</summary>
public sealed record NodeOptions
{
    /// <summary>Gets a repository folder that keeps the identity and the blocks; null keeps both in memory.</summary>
    public string? Path { get; init; }

    /// <summary>Gets where the blocks are; null is the repository's, or memory without one. The node does not dispose a store that it was given.</summary>
    public IBlockstore? Blockstore { get; init; }

    /// <summary>Gets the identity; null is the repository's, or a new one without it.</summary>
    public PrivateKey? Identity { get; init; }

    /// <summary>Gets the key of the private network that the node is in; null, the default, for none. It holds for libp2p, and not for requests over HTTP.</summary>
    public SwarmKey? SwarmKey { get; init; }

    /// <summary>Gets by what people tell that key from others; null without one.</summary>
    public string? SwarmKeyFingerprint => SwarmKey?.Fingerprint;

    /// <summary>Gets the addresses to listen on. By default loopback alone, on any free port: nothing is exposed until someone says so.</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses { get; init; } = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")];

    /// <summary>Peers to dial at the start and to dial again whenever they are lost; each address ends with <c>/p2p/</c>.</summary>
    public IReadOnlyList<Multiaddr> Peers { get; init; } = [];

    /// <summary>Gets the Bitswap versions spoken, in order of preference.</summary>
    public IReadOnlyList<BitswapVersion> ProtocolVersions { get; init; } =
        [BitswapVersion.V120, BitswapVersion.V110, BitswapVersion.V100, BitswapVersion.Unversioned];

    /// <summary>Gets the engine's own options: limits, sessions, serving.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>Gets the bounds of what is read off the wire.</summary>
    public WireLimits Wire { get; init; } = new();

    /// <summary>Gets how providers are found of what no peer has; by default none is asked.</summary>
    public RoutingOptions Routing { get; init; } = new();

    /// <summary>Gets how blocks are fetched over HTTP; by default from no gateway.</summary>
    public HttpRetrievalOptions Http { get; init; } = new();

    /// <summary>Changes the host's limits; identity, addresses, clock and log are the node's.</summary>
    public Func<Libp2pOptions, Libp2pOptions>? ConfigureHost { get; init; }

    /// <summary>Gets a network to use in place of libp2p, which the node then owns; null is libp2p.</summary>
    public IPeerNetwork? Network { get; init; }

    /// <summary>
    /// Makes the network of an identity (the options' own, else the repository's, else null for any), where <see cref="Network"/> gives none. The node
    /// then owns it.
    /// </summary>
    public Func<PrivateKey?, IPeerNetwork>? NetworkFactory { get; init; }

    /// <summary>Gets how many inputs may wait for the engine before a caller that posts waits: 16 to 65 536.</summary>
    public int InboxCapacity { get; init; } = 1024;

    /// <summary>Gets how many received bytes may be in memory and not yet stored before peers are slowed: 4 MiB to 1 GiB.</summary>
    public long MaxReceivedBytes { get; init; } = 32 << 20;

    /// <summary>
    /// Gets how many bytes the messages over 16 KiB of all peers may take while they come and wait for their turn: 8 MiB to 1 GiB. Half of it is for peers that gave or took a block, or are
    /// asked for one. Who has no room is read no further.
    /// </summary>
    public long MaxFrameBytes { get; init; } = 32 << 20;

    /// <summary>
    /// Gets how many wantlist entries a peer may send a second on the average, and presences that answer nothing, before it is read more slowly: 0, which is no limit, or 1024 to
    /// 16 777 216. As many may come at once. 256 bytes of a block that was not asked for count as one. Each block that goes between the two, and each answer to a want, earns four, so that only a peer that costs and gives nothing
    /// is slowed. However many peers ask faster, together they may send four times as much.
    /// </summary>
    public int PeerEntryRate { get; init; } = 16_384;

    /// <summary>Gets how many blocks are read from or written to the store at once: 1 to 256.</summary>
    public int StoreParallelism { get; init; } = 16;

    /// <summary>
    /// Gets how long the store may take to read or write one block before that counts as failed, so that a store that hangs holds up neither other blocks nor a stop: 100 ms to 1 h.
    /// </summary>
    public TimeSpan StoreTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bytes of blocks that a store in memory holds: 1 MiB to 1 TiB. Beyond it, blocks that were fetched and are not pinned are let go, those that were used longest
    /// ago first; blocks that were added stay, and one that has no room beside them is an error.
    /// </summary>
    public long MaxMemoryBytes { get; init; } = 256 << 20;

    /// <summary>Of these, the bytes of blocks that were fetched to be written to a file, which are let go before others: 1 MiB to 1 TiB.</summary>
    public long MaxPassingBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Gets how many bytes of blocks the repository may hold: 8 MiB to 1 PiB, or 0, the default, for as many as its disk has room for. Beyond <see cref="StorageHighWater"/> blocks are collected
    /// that are neither pinned nor in use, and what there is no room for is refused. The overhead of the file system is not counted.
    /// </summary>
    public long StorageMax { get; init; }

    /// <summary>Gets at how many percent of <see cref="StorageMax"/> blocks are collected: 2 to 99.</summary>
    public int StorageHighWater { get; init; } = 90;

    /// <summary>Gets how many percent of <see cref="StorageMax"/> a collection leaves: 1 to 98, less than <see cref="StorageHighWater"/>.</summary>
    public int StorageLowWater { get; init; } = 75;

    /// <summary>
    /// Gets how many stored blocks that were found corrupt are remembered, so that they are not offered to peers: 1 to 1 048 576. Of more, those found first are
    /// forgotten, and offered until they are read again.
    /// </summary>
    public int MaxCorruptBlocks { get; init; } = 65_536;

    /// <summary>Gets how many bytes a file of a log may have before the next one is begun: 64 KiB to 1 GiB.</summary>
    public long MaxLogFileBytes { get; init; } = 8 << 20;

    /// <summary>Gets how many files of a log are kept: 1 to 1024. Of more, the oldest is removed.</summary>
    public int MaxLogFiles { get; init; } = 8;

    /// <summary>Decides what a peer may have; null lets everyone have everything. It never runs on the node's loop, and a slow one delays the answers to that peer alone.</summary>
    public BlockFilter? Filter { get; init; }

    /// <summary>Gets how long the filter may take for one want before that is denied: 1 ms to 1 min.</summary>
    public TimeSpan FilterTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how many calls of the filter may run at once, one a peer: 1 to 256.</summary>
    public int FilterParallelism { get; init; } = 8;

    /// <summary>Gets how long a connected peer may take to say whether it speaks Bitswap before a connect call returns without knowing: 0 to 1 min.</summary>
    public TimeSpan BitswapNegotiationTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets whether blocks are exchanged over a connection that a relay limits in time or bytes. True by default, unlike in Kubo: the relay resets such a connection at its limit, and what
    /// was not transferred by then goes over the next. False leaves such a connection to other protocols; one over a relay without limits is used all the same.
    /// </summary>
    public bool BitswapOverRelays { get; init; } = true;

    /// <summary>Gets the seed of the engine's choices; null is a random one. With it and the same inputs, a run repeats.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Gets the clock of every deadline.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Gets where log messages go.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Hears what the node logs from its very start; null where nothing does.</summary>
    internal NodeLogListener? LogListener { get; init; }

    /// <summary>What a test puts in the place of the system where gateways are asked.</summary>
    internal GatewayHooks? GatewayHooks { get; init; }

    /// <summary>Returns the addresses of <see cref="Peers"/> that no dial can reach, with the transport that they would need.</summary>
    internal IEnumerable<(Multiaddr Address, string Transport)> UndialablePeers =>
        from address in Peers
        let transport = AddressTransports.ForeignNameOf(address)
        where transport is not null
        select (address, transport);

    /// <summary>Opens a log file by these options.</summary>
    /// <param name="path">The full path of the first file. What is there stays, and is added to.</param>
    /// <param name="level">One of <see cref="LogFile.Levels"/>: what is less important is left out.</param>
    /// <exception cref="BitswapException">LogFailed: the file cannot be written to.</exception>
    internal LogFile OpenLog(string path, string level)
    {
        Validate();
        return LogFile.Open(path, level, MaxLogFileBytes, MaxLogFiles, Clock);
    }

    /// <summary>Returns the options of a node that logs to a file.</summary>
    internal NodeOptions LogTo(LogFile file) => this with { LoggerFactory = file.LoggerFactory };

    /// <summary>Refuses what is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside the range its documentation gives.</exception>
    internal void Validate()
    {
        Within(InboxCapacity, 16, 65_536, nameof(InboxCapacity));
        Within(MaxReceivedBytes, 4 << 20, 1 << 30, nameof(MaxReceivedBytes));
        Within(MaxFrameBytes, 8 << 20, 1 << 30, nameof(MaxFrameBytes));
        Within(PeerEntryRate == 0 ? 1024 : PeerEntryRate, 1024, 1 << 24, nameof(PeerEntryRate));
        Within(StoreParallelism, 1, 256, nameof(StoreParallelism));
        Within(StoreTimeout.Ticks, TimeSpan.TicksPerMillisecond * 100, TimeSpan.TicksPerHour, nameof(StoreTimeout));
        Within(MaxMemoryBytes, 1 << 20, 1L << 40, nameof(MaxMemoryBytes));
        Within(MaxPassingBytes, 1 << 20, 1L << 40, nameof(MaxPassingBytes));
        Within(StorageMax == 0 ? 8 << 20 : StorageMax, 8 << 20, 1L << 50, nameof(StorageMax));
        Within(StorageHighWater, 2, 99, nameof(StorageHighWater));
        Within(StorageLowWater, 1, 98, nameof(StorageLowWater));
        ValidateStorage();
        Within(MaxCorruptBlocks, 1, 1 << 20, nameof(MaxCorruptBlocks));
        Within(MaxLogFileBytes, 64 << 10, 1 << 30, nameof(MaxLogFileBytes));
        Within(MaxLogFiles, 1, 1024, nameof(MaxLogFiles));
        Within(BitswapNegotiationTime.Ticks, 0, TimeSpan.TicksPerMinute, nameof(BitswapNegotiationTime));
        Within(FilterTimeout.Ticks, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerMinute, nameof(FilterTimeout));
        Within(FilterParallelism, 1, 256, nameof(FilterParallelism));
        Within(ProtocolVersions.Count, 1, 4, nameof(ProtocolVersions));
    }

    private void ValidateStorage()
    {
        if (StorageMax == 0)
        {
            return;
        }

        if (Path is null || Blockstore is not null)
        {
            throw Unfit(nameof(StorageMax), "It bounds the blocks of a repository. Give the repository with -Path and no -BlockStore; a store in memory is bounded by MaxMemoryBytes.");
        }

        if (StorageLowWater >= StorageHighWater)
        {
            throw Unfit(nameof(StorageLowWater), $"It must be less than StorageHighWater, which is {StorageHighWater}.");
        }
    }

    private static ArgumentException Unfit(string name, string message) => new(message, name);

    private static void Within(long value, long min, long max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {min} to {max}.");
        }
    }
}
