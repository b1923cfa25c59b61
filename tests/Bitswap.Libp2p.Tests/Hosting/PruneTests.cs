using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Hosting;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class PruneTests
{
    [Fact]
    public async Task Above_high_water_the_least_valuable_go_until_low_water_and_the_protected_stay()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost hub = await StartAsync(o => o with
        {
            Clock = clock,
            HighWater = 5,
            LowWater = 3,
            PruneGracePeriod = TimeSpan.FromSeconds(20),
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        Libp2pHost[] peers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => StartAsync()));
        Dictionary<PeerId, double> worth = peers.Select((p, i) => (p.PeerId, Worth: (double)i)).ToDictionary(p => p.PeerId, p => p.Worth);
        hub.PeerScore = peer => worth[peer];
        hub.Protect(peers[0].PeerId, "needed");

        foreach (Libp2pHost peer in peers)
        {
            await peer.ConnectAsync(hub.Addresses).AsTask().WaitAsync(Patience);
        }
        await Poll.UntilAsync(() => hub.Connections.Count == 6, "all are connected");
        clock.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(6, hub.Connections.Count);

        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return hub.Connections.Count == 3;
            },
            "the connections are pruned");

        Assert.Equal(
            new[] { peers[0], peers[4], peers[5] }.Select(p => p.PeerId).Order(),
            hub.Connections.Select(c => c.RemotePeer).Order());
        foreach (Libp2pHost peer in peers)
        {
            await peer.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_flood_of_new_peers_is_pruned_and_not_those_that_are_worth_something()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost hub = await StartAsync(o => o with
        {
            Clock = clock,
            HighWater = 8,
            LowWater = 6,
            NewcomerPlaces = 2,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        Libp2pHost[] worth = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync()));
        hub.PeerScore = peer => worth.Any(host => host.PeerId.Equals(peer)) ? 1 : 0;
        await using Libp2pHost dialled = await StartAsync();
        await hub.ConnectAsync(dialled.Addresses).AsTask().WaitAsync(Patience);
        foreach (Libp2pHost host in worth)
        {
            await host.ConnectAsync(hub.Addresses).AsTask().WaitAsync(Patience);
        }

        await Poll.UntilAsync(() => hub.Connections.Count == 4, "they are connected");
        clock.Advance(TimeSpan.FromMinutes(1));
        List<UpgradedConnection> flood = [];
        for (int i = 0; i < 20; i++)
        {
            flood.Add(await DialRawAsync(hub));
            _ = flood[^1].Session.RunAsync();
        }

        await Poll.UntilAsync(() => hub.Connections.Count <= 8 && hub.HeldConnections <= 8, "the flood is pruned, though each of it is new");
        Assert.All(worth.Append(dialled), host => Assert.True(hub.IsConnected(host.PeerId)));
        await Task.WhenAll(flood.Select(connection => connection.DisposeAsync().AsTask()).Concat(worth.Select(host => host.DisposeAsync().AsTask())));
    }

    [Fact]
    public async Task A_score_that_fails_counts_as_zero()
    {
        await using Libp2pHost hub = await StartAsync(o => o with { HighWater = 1, LowWater = 1, PruneGracePeriod = TimeSpan.Zero });
        await using Libp2pHost failing = await StartAsync();
        await using Libp2pHost valued = await StartAsync();
        hub.PeerScore = peer => peer.Equals(failing.PeerId) ? throw new InvalidOperationException("on purpose") : 1;

        await valued.ConnectAsync(hub.Addresses).AsTask().WaitAsync(Patience);
        await failing.ConnectAsync(hub.Addresses).AsTask().WaitAsync(Patience);

        await Poll.UntilAsync(() => hub.Connections.Count == 1 && hub.IsConnected(valued.PeerId), "the other one is pruned");
    }

    [Fact]
    public async Task Protection_lasts_until_every_reason_is_gone()
    {
        await using Libp2pHost host = await StartAsync();
        PeerId peer = Bitswap.Libp2p.Crypto.PrivateKey.Generate().PeerId;
        host.Protect(peer, "one");
        host.Protect(peer, "two");
        host.Protect(peer, "two");

        Assert.True(host.Unprotect(peer, "one"));
        Assert.False(host.Unprotect(peer, "two"));
        Assert.False(host.Unprotect(peer, "two"));
    }
}
