using System.Collections.Concurrent;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>Tests what becomes of the connections that a query opens.</summary>
public sealed class KademliaLeaseTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_provider_that_is_asked_itself_stays_connected_as_long_as_somebody_wants_it(bool isBefore, bool isLeased)
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(2);
        PeerId provider = dht.Servers[1].Id;
        TaskCompletionSource given = new();
        dht.Servers[0].Providers.Add(dht.Servers[1].Peer);
        dht.Servers[1].Gate = given.Task;
        KademliaClient client = dht.Client(null, dht.Servers);
        await using IAsyncEnumerator<KademliaPeer> found = client.FindProvidersAsync(DhtFixture.Key).GetAsyncEnumerator();
        Assert.True(await found.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(provider, found.Current.Id);
        IReadOnlyList<Multiaddr> addresses = found.Current.Addresses;
        await Poll.UntilAsync(() => dht.Servers[1].Asked.Count == 1);
        ConnectionLease? lease = isBefore ? await UseAsync() : null;

        given.SetResult();
        Assert.False(await found.MoveNextAsync().AsTask().WaitAsync(Patience));
        lease ??= isBefore ? null : await UseAsync();

        await Poll.UntilAsync(() => !dht.Host.IsConnected(dht.Servers[0].Id));
        Assert.True(dht.Host.IsConnected(provider));
        lease?.Dispose();
        if (isLeased)
        {
            await dht.LeavesNothingAsync(client);
        }
        else
        {
            Assert.Equal(provider, Assert.Single(dht.Host.Connections).RemotePeer);
        }

        async Task<ConnectionLease?> UseAsync()
        {
            if (isLeased)
            {
                return await dht.Host.LeaseAsync(provider, addresses).AsTask().WaitAsync(Patience);
            }
            await dht.Host.ConnectAsync(addresses).AsTask().WaitAsync(Patience);
            return null;
        }
    }

    [Fact]
    public async Task A_peer_that_only_a_lookup_asks_is_not_announced_before_it_is_wanted()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        DhtServer server = dht.Servers[0];
        TaskCompletionSource answer = new();
        server.Gate = answer.Task;
        ConcurrentQueue<string> seen = [];
        dht.Host.PeerConnected += connection => seen.Enqueue("connected");
        dht.Host.PeerIdentified += connection => seen.Enqueue("identified");
        dht.Host.PeerDisconnected += peer => seen.Enqueue("disconnected");
        dht.Host.Handle("/above", (stream, token) =>
        {
            seen.Enqueue("stream");
            return Task.CompletedTask;
        });
        KademliaClient client = dht.Client(null, dht.Servers);
        Task finding = client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask();
        await Poll.UntilAsync(() => !server.Asked.IsEmpty && dht.Host.AllConnections is [{ IsIdentified: true }]);
        await using Libp2pStream early = await server.Host.OpenStreamAsync(dht.Host.PeerId, ["/above"]).AsTask().WaitAsync(Patience);
        Assert.Empty(dht.Host.Connections);
        Assert.Empty(seen);

        Assert.True(await dht.Host.KeepAsync(server.Id).AsTask().WaitAsync(Patience));

        await Poll.UntilAsync(() => seen.Count == 3);
        Assert.Equal("connected", seen.First());
        Assert.Equal(["connected", "identified", "stream"], seen.Order(StringComparer.Ordinal));
        answer.SetResult();
        await finding.WaitAsync(Patience);
        Assert.Single(dht.Host.Connections);
        await dht.Host.DisconnectAsync(server.Id).AsTask().WaitAsync(Patience);
        Assert.Equal("disconnected", seen.Last());
        Assert.False(await dht.Host.KeepAsync(server.Id));
    }
}
