using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Networks;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Networks;

public sealed class MemoryNetworkTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_same_seed_gives_the_same_peers_and_the_same_fates()
    {
        byte[][] runs = [await CarryAsync(5), await CarryAsync(5), await CarryAsync(6)];
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], runs[2]);
        Assert.Equal(new MemoryNetwork(9).CreatePeer().PeerId, new MemoryNetwork(9).CreatePeer().PeerId);

        static async Task<byte[]> CarryAsync(int seed)
        {
            MemoryNetwork network = new(seed, new MemoryNetworkOptions { Line = new MemoryLineOptions { Corruption = 0.5 } });
            (_, _, IByteStream ours, IByteStream theirs) = await PairAsync(network);
            for (int i = 0; i < 100; i++)
            {
                await ours.WriteAsync(new byte[] { 0, 0, 0 }, default);
            }

            byte[] read = await ReadAsync(theirs, 300);
            Assert.Equal(read.Count(b => b != 0), network.Stat.Corrupted);
            Assert.InRange(network.Stat.Corrupted, 20, 80);
            return read;
        }
    }

    [Fact]
    public async Task A_write_arrives_after_the_latency_and_the_time_its_size_takes()
    {
        FakeTimeProvider clock = new();
        MemoryNetwork network = new(1, new MemoryNetworkOptions { Clock = clock });
        (LinePeer a, LinePeer b, IByteStream ours, IByteStream theirs) = await PairAsync(network);
        network.SetLine(a.Id, b.Id, new MemoryLineOptions { Latency = TimeSpan.FromSeconds(1), BytesPerSecond = 1000 });

        Task first = ours.WriteAsync(new byte[2000], default).AsTask();
        Task second = ours.WriteAsync(new byte[1000], default).AsTask();
        clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(first.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        await first.WaitAsync(_patience);
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await second.WaitAsync(_patience);
        Assert.Equal(3000, (await ReadAsync(theirs, 3000)).Length);

        Task<TimeSpan> ping = a.Network.PingAsync(b.Id, default).AsTask();
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), await ping.WaitAsync(_patience));

        network.SetLine(a.Id, b.Id, null);
        await ours.WriteAsync(new byte[1000], default).AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task A_lost_write_breaks_its_stream_and_no_other()
    {
        MemoryNetwork network = new(1);
        (LinePeer a, LinePeer b, IByteStream ours, IByteStream theirs) = await PairAsync(network);
        (IByteStream other, IByteStream otherEnd) = await a.OpenAsync(b);
        network.Line = new MemoryLineOptions { Loss = 1 };
        await Assert.ThrowsAsync<IOException>(async () => await ours.WriteAsync(new byte[10], default));
        await Assert.ThrowsAsync<IOException>(async () => await theirs.ReadAsync(new byte[10], default));
        await Assert.ThrowsAsync<BitswapException>(async () => await a.Network.PingAsync(b.Id, default));
        network.Line = new MemoryLineOptions();
        await other.WriteAsync(new byte[10], default);
        Assert.Equal(10, (await ReadAsync(otherEnd, 10)).Length);
        // the write, and the ping's way there
        Assert.Equal(2, network.Stat.Lost);
    }

    [Fact]
    public async Task A_silent_peer_hears_and_says_nothing_until_it_speaks_again()
    {
        MemoryNetwork network = new(1);
        (LinePeer a, LinePeer b, IByteStream ours, IByteStream theirs) = await PairAsync(network);
        network.SetSilent(b.Id, true);
        await theirs.WriteAsync(new byte[] { 1 }, default);
        await ours.WriteAsync(new byte[] { 2 }, default);
        Assert.Equal([2], await ReadAsync(theirs, 1));
        using CancellationTokenSource soon = new();
        Task<TimeSpan> ping = a.Network.PingAsync(b.Id, soon.Token).AsTask();
        Assert.False(ping.IsCompleted);
        await soon.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ping.WaitAsync(_patience));

        network.SetSilent(b.Id, false);
        await theirs.WriteAsync(new byte[] { 3 }, default);
        Assert.Equal([3], await ReadAsync(ours, 1));
        Assert.Equal(1, network.Stat.Silenced);
    }

    [Fact]
    public async Task A_ping_that_nobody_answers_ends_with_who_sent_it()
    {
        MemoryNetwork network = new(1);
        (LinePeer a, LinePeer b, _, _) = await PairAsync(network);
        network.SetSilent(b.Id, true);
        Task<TimeSpan> ping = a.Network.PingAsync(b.Id, default).AsTask();
        await a.Network.DisposeAsync();
        Assert.Equal("NodeStopped", (await Assert.ThrowsAsync<BitswapException>(() => ping.WaitAsync(_patience))).ErrorId);
    }

    [Fact]
    public async Task What_a_flooding_peer_writes_arrives_many_times()
    {
        MemoryNetwork network = new(1);
        (LinePeer a, _, IByteStream ours, IByteStream theirs) = await PairAsync(network);
        network.SetFlood(a.Id, 4);
        await ours.WriteAsync(new byte[] { 7, 8 }, default);
        Assert.Equal([7, 8, 7, 8, 7, 8, 7, 8], await ReadAsync(theirs, 8));
        Assert.Equal(3, network.Stat.Repeated);
    }

    [Fact]
    public async Task A_partition_parts_and_heals()
    {
        MemoryNetwork network = new(1);
        LinePeer a = await LinePeer.StartAsync(network.CreatePeer());
        LinePeer b = await LinePeer.StartAsync(network.CreatePeer());
        LinePeer c = await LinePeer.StartAsync(network.CreatePeer());
        await a.Network.ConnectAsync(b.Network.Addresses, default);
        await a.Network.ConnectAsync(c.Network.Addresses, default);

        network.Partition([a.Id, b.Id]);

        Assert.Equal(a.Id, await c.LostAsync());
        Assert.Equal(c.Id, await a.LostAsync());
        Assert.Equal(b.Id, Assert.Single(a.Network.Connections).Peer);
        Assert.Equal("PeerUnreachable", (await Assert.ThrowsAsync<BitswapException>(async () => await c.Network.ConnectAsync(b.Network.Addresses, default))).ErrorId);
        network.Heal();
        await c.Network.ConnectAsync(b.Network.Addresses, default);
    }

    [Fact]
    public async Task An_identity_is_there_once_and_peers_are_bounded()
    {
        MemoryNetwork network = new(1, new MemoryNetworkOptions { MaxPeers = 2 });
        PrivateKey key = PrivateKey.Generate();
        IPeerNetwork first = network.CreatePeer(key);
        Assert.Equal(key.PeerId, first.PeerId);
        Assert.Equal("PeerIdInUse", Assert.Throws<BitswapException>(() => network.CreatePeer(key)).ErrorId);
        network.CreatePeer();
        Assert.Equal("LimitExceeded", Assert.Throws<BitswapException>(() => network.CreatePeer()).ErrorId);
        await first.DisposeAsync();
        Assert.Equal("NotOnNetwork", Assert.Throws<BitswapException>(() => network.SetFlood(key.PeerId, 2)).ErrorId);
        Assert.Equal(key.PeerId, network.CreatePeer(key).PeerId);
    }

    [Fact]
    public async Task A_node_keeps_the_identity_of_its_repository()
    {
        using TempFolder folder = new();
        MemoryNetwork network = new(1);
        NodeOptions options = new NodeOptions { Path = folder.Path }.OnMemoryNetwork(network);
        PeerId id;
        await using (NodeHost node = await NodeHost.StartAsync(options))
        {
            id = node.PeerId;
        }

        await using NodeHost again = await NodeHost.StartAsync(options);
        Assert.Equal(id, again.PeerId);
    }

    [Fact]
    public void What_is_out_of_range_is_refused()
    {
        MemoryNetwork network = new(1);
        PeerId peer = network.CreatePeer().PeerId;
        MemoryLineOptions[] bad =
        [
            new() { Latency = TimeSpan.FromTicks(-1) },
            new() { Latency = TimeSpan.FromSeconds(61) },
            new() { BytesPerSecond = -1 },
            new() { BytesPerSecond = 1_000_000_000_001 },
            new() { Loss = 1.1 },
            new() { Loss = double.NaN },
            new() { Corruption = -0.1 },
        ];
        Assert.All(bad, line => Assert.Throws<ArgumentOutOfRangeException>(() => network.Line = line));
        Assert.All(bad, line => Assert.Throws<ArgumentOutOfRangeException>(() => network.SetLine(peer, peer, line)));
        Assert.All(bad, line => Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryNetwork(1, new MemoryNetworkOptions { Line = line })));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryNetwork(1, new MemoryNetworkOptions { StreamWindow = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryNetwork(1, new MemoryNetworkOptions { MaxPeers = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryNetwork(1, new MemoryNetworkOptions { MaxPeers = 10_001 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.SetFlood(peer, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.SetFlood(peer, 1001));
    }

    private static async Task<(LinePeer A, LinePeer B, IByteStream Ours, IByteStream Theirs)> PairAsync(MemoryNetwork network)
    {
        LinePeer a = await LinePeer.StartAsync(network.CreatePeer());
        LinePeer b = await LinePeer.StartAsync(network.CreatePeer());
        await a.Network.ConnectAsync(b.Network.Addresses, default);
        (IByteStream ours, IByteStream theirs) = await a.OpenAsync(b);
        return (a, b, ours, theirs);
    }

    private static async Task<byte[]> ReadAsync(IByteStream stream, int count)
    {
        byte[] read = new byte[count];
        for (int done = 0; done < count;)
        {
            int got = await stream.ReadAsync(read.AsMemory(done), default).AsTask().WaitAsync(_patience);
            Assert.NotEqual(0, got);
            done += got;
        }

        return read;
    }
}
