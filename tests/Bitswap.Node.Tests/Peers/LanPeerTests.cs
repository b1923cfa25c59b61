using System.Collections.Concurrent;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Multiformats;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Peers;

/// <summary>What a node does with the peers that tell of themselves on the local network.</summary>
public sealed class LanPeerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _memory = new(seed: 7);
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task One_that_is_heard_is_connected_and_asked()
    {
        await using NodeHost other = await NodeHost.StartAsync(new NodeOptions { Network = _memory.CreatePeer() });
        byte[] data = [1, 2, 3];
        Cid cid = Cid.Compute(Multicodec.Raw, data);
        await other.PutBlockAsync(cid, data);
        LanNetwork network = new(_memory.CreatePeer());
        await using NodeHost node = await StartAsync(network);

        network.Discovery.Say(other.PeerId, other.Addresses);

        await Poll.UntilAsync(() => node.IsLinked(other.PeerId));
        Block block = await node.GetBlockAsync(cid, new WantOptions { Timeout = _patience });
        Assert.Equal(data, block.Data.ToArray());
    }

    [Fact]
    public async Task One_that_is_lost_is_connected_again_when_it_is_heard()
    {
        await using NodeHost other = await NodeHost.StartAsync(new NodeOptions { Network = _memory.CreatePeer() });
        LanNetwork network = new(_memory.CreatePeer());
        await using NodeHost node = await StartAsync(network);
        network.Discovery.Say(other.PeerId, other.Addresses);
        await Poll.UntilAsync(() => node.IsLinked(other.PeerId) && network.Ended == 1);
        await ForgottenAsync(node);

        await node.DisconnectAsync(other.PeerId);
        await Poll.UntilAsync(() => !node.IsLinked(other.PeerId));
        network.Discovery.Say(other.PeerId, other.Addresses);

        await Poll.UntilAsync(() => node.IsLinked(other.PeerId));
    }

    [Fact]
    public async Task Where_the_node_is_not_to_dial_it_only_lists()
    {
        await using NodeHost other = await NodeHost.StartAsync(new NodeOptions { Network = _memory.CreatePeer() });
        LanNetwork network = new(_memory.CreatePeer());
        await using NodeHost node = await StartAsync(network, routing => routing with { DialDiscovered = false });
        network.Discovery.Say(other.PeerId, other.Addresses);

        FoundPeer found = Assert.Single(await FindAsync(node));

        Assert.Equal((other.PeerId, false), (found.Peer, found.IsConnected));
        Assert.Equal(0, network.Dials);
    }

    [Fact]
    public async Task One_that_is_not_reached_is_dialled_after_waits_that_grow()
    {
        PeerId gone = _memory.CreatePeer().PeerId;
        LanNetwork network = new(_memory.CreatePeer());
        await using NodeHost node = await StartAsync(network);
        int dials = 0;
        foreach (int seconds in (int[])[5, 10, 20, 40])
        {
            network.Discovery.Say(gone, [Address(gone)]);
            dials++;
            await Poll.UntilAsync(() => network.Ended == dials);
            await ForgottenAsync(node);

            _clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            network.Discovery.Say(gone, [Address(gone)]);
            Assert.Equal(dials, network.Dials);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public async Task A_flood_of_peers_makes_eight_dials_at_once()
    {
        LanNetwork network = new(_memory.CreatePeer()) { Hangs = true };
        await using NodeHost node = await StartAsync(network);
        for (int i = 0; i < 1000; i++)
        {
            PeerId peer = Bitswap.Libp2p.Crypto.PrivateKey.Generate().PeerId;
            network.Discovery.Say(peer, [Address(peer)]);
        }

        await Poll.UntilAsync(() => network.Dials == 8);

        // each ends in its time, and then it is another's turn
        _clock.Advance(TimeSpan.FromSeconds(5));
        await Poll.UntilAsync(() => network.Ended == 8);
        Assert.Equal(8, network.Dials);
    }

    [Fact]
    public async Task A_search_of_a_node_that_was_not_told_to_look_tells_nothing_of_it()
    {
        LanNetwork network = new(_memory.CreatePeer());
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = network, Clock = _clock, Routing = new RoutingOptions { DiscoverOn = ["wlan0"] } });
        PeerId one = _memory.CreatePeer().PeerId;
        PeerId two = _memory.CreatePeer().PeerId;

        await using IAsyncEnumerator<FoundPeer> search = node.FindPeersAsync(TimeSpan.FromSeconds(5), CancellationToken.None).GetAsyncEnumerator();
        ValueTask<bool> next = search.MoveNextAsync();
        Assert.False(network.Options!.Announce);
        Assert.Equal(["wlan0"], network.Options.Interfaces);
        Assert.Equal((true, 1), (network.Discovery.IsStarted, network.Discovery.Asked));

        // each comes once, with what is known of it then
        network.Discovery.Say(one, [Address(one)]);
        network.Discovery.Say(one, [Address(one)]);
        Assert.True(await PassAsync(next));
        Assert.Equal(one, search.Current.Peer);
        network.Discovery.Say(one, [Address(one)]);
        network.Discovery.Say(two, [Address(two)]);
        Assert.True(await PassAsync(search.MoveNextAsync()));
        Assert.Equal(two, search.Current.Peer);

        Assert.False(await PassAsync(search.MoveNextAsync()));
        Assert.True(network.Discovery.IsDisposed);
        Assert.Equal(0, network.Dials);
    }

    [Fact]
    public async Task A_search_without_an_interface_says_why()
    {
        LanNetwork network = new(_memory.CreatePeer());
        network.Discovery.Interfaces = [];
        network.Discovery.Problems = ["eth9: there is no such interface, or it is down"];
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = network });

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => FindAsync(node));

        Assert.Equal("DiscoveryFailed", failure.ErrorId);
        Assert.Contains("eth9: there is no such interface", failure.Message, StringComparison.Ordinal);
        Assert.True(network.Discovery.IsDisposed);
    }

    [Fact]
    public async Task A_network_in_memory_has_no_local_network()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = _memory.CreatePeer() });
        Assert.Equal("DiscoveryFailed", (await Assert.ThrowsAsync<BitswapException>(() => FindAsync(node))).ErrorId);

        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => NodeHost.StartAsync(new NodeOptions
        {
            Network = _memory.CreatePeer(),
            Routing = new RoutingOptions { Discover = PeerDiscovery.Lan },
        }));
        Assert.Equal("Discover", refused.ParamName);
    }

    [Fact]
    public async Task A_node_that_stops_is_gone_from_the_network()
    {
        LanNetwork network = new(_memory.CreatePeer());
        NodeHost node = await StartAsync(network);
        Assert.True(network.Discovery.IsStarted);

        await node.StopAsync();

        Assert.True(network.Discovery.IsDisposed);
        Assert.Equal(0, network.Discovery.Listeners);
    }

    private static Multiaddr Address(PeerId peer) => Multiaddr.Parse($"/ip4/192.168.1.9/tcp/4001/p2p/{peer}");

    private Task<NodeHost> StartAsync(LanNetwork network, Func<RoutingOptions, RoutingOptions>? change = null)
    {
        RoutingOptions routing = new() { Discover = PeerDiscovery.Lan };
        return NodeHost.StartAsync(new NodeOptions { Network = network, Clock = _clock, Routing = change?.Invoke(routing) ?? routing });
    }

    // a dial is over for the node a moment after its network says so
    private static Task ForgottenAsync(NodeHost node) => Poll.UntilAsync(() => node.LanDials == 0);

    private async Task<List<FoundPeer>> FindAsync(NodeHost node)
    {
        List<FoundPeer> found = [];
        await using IAsyncEnumerator<FoundPeer> search = node.FindPeersAsync(TimeSpan.FromSeconds(1), CancellationToken.None).GetAsyncEnumerator();
        while (await PassAsync(search.MoveNextAsync()))
        {
            found.Add(search.Current);
        }

        return found;
    }

    // lets the time pass that a step of a search takes
    private async Task<bool> PassAsync(ValueTask<bool> step)
    {
        Task<bool> moved = step.AsTask();
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(moved.IsCompleted ? TimeSpan.Zero : TimeSpan.FromMilliseconds(50));
            return moved.IsCompleted;
        });
        return await moved;
    }

    private sealed class LanNetwork(IPeerNetwork inner) : WrappedNetwork(inner), IPeerNetwork
    {
        private int _dials;
        private int _ended;

        public FakeDiscovery Discovery { get; } = new();

        public MdnsOptions? Options { get; private set; }

        public bool Hangs { get; init; }

        public int Dials => _dials;

        public int Ended => _ended;

        Func<MdnsOptions, IPeerDiscovery>? IPeerNetwork.Lan => options =>
        {
            Options = options;
            return Discovery;
        };

        public override async ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
        {
            Assert.NotNull(terms);
            Interlocked.Increment(ref _dials);
            try
            {
                if (Hangs)
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                return await base.LeaseAsync(peer, addresses, terms, cancellationToken);
            }
            finally
            {
                Interlocked.Increment(ref _ended);
            }
        }
    }

    private sealed class FakeDiscovery : IPeerDiscovery
    {
        private readonly ConcurrentDictionary<PeerId, DiscoveredPeer> _peers = new();

        public event Action<DiscoveredPeer>? Heard;

        public IReadOnlyList<DiscoveredPeer> Peers => [.. _peers.Values];

        public IReadOnlyList<string> Interfaces { get; set; } = ["wlan0"];

        public bool IsMachineOnly => false;

        public IReadOnlyList<string> Problems { get; set; } = [];

        public bool IsStarted { get; private set; }

        public bool IsDisposed { get; private set; }

        public int Asked { get; private set; }

        public int Listeners => Heard?.GetInvocationList().Length ?? 0;

        public void Start() => IsStarted = true;

        public void Ask() => Asked++;

        public void Say(PeerId peer, IReadOnlyList<Multiaddr> addresses)
        {
            DiscoveredPeer said = new(peer, addresses, Interfaces, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, AddressScope.Network);
            _peers[peer] = said;
            Heard?.Invoke(said);
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
