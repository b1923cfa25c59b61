using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>Telling the DHT what this host provides.</summary>
public sealed class KademliaProvideTests
{
    [Fact]
    public async Task The_closest_are_told_who_provides_it_and_where()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(6);
        KademliaClient client = dht.Client(new KademliaOptions { BucketSize = 4, Concurrency = 2 }, dht.Servers);

        Dictionary<PeerId, Libp2pException?> told = await ProvideAsync(client);

        KademliaKey target = KademliaKey.Of(DhtFixture.Key);
        DhtServer[] closest = [.. dht.Servers.OrderBy(server => KademliaKey.Of(server.Id).DistanceTo(target)).Take(4)];
        Assert.Equal(closest.Select(server => server.Id).ToHashSet(), told.Keys.ToHashSet());
        Assert.All(told.Values, Assert.Null);
        Assert.All(closest, server =>
        {
            (byte[] key, KademliaPeer provider) = Assert.Single(server.Provided);
            Assert.Equal(DhtFixture.Key, key);
            Assert.Equal(dht.Host.PeerId, provider.Id);
            Assert.Equal(dht.Host.Addresses.Select(address => address.WithoutPeerId()), provider.Addresses);
        });
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task One_that_resets_the_stream_has_not_taken_it_and_the_others_have()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        dht.Servers[1].RefusesProviders = true;
        KademliaClient client = dht.Client(null, dht.Servers);

        Dictionary<PeerId, Libp2pException?> told = await ProvideAsync(client);

        Assert.Equal(Libp2pErrorIds.StreamReset, told[dht.Servers[1].Id]?.ErrorId);
        Assert.Null(told[dht.Servers[0].Id]);
        Assert.Null(told[dht.Servers[2].Id]);
    }

    [Fact]
    public async Task One_that_does_not_end_the_stream_in_time_has_not_taken_it()
    {
        FakeTimeProvider clock = new();
        await using DhtFixture dht = await DhtFixture.StartAsync(1, options => options with { Clock = clock });
        KademliaClient client = dht.Client(new KademliaOptions { QueryTimeout = TimeSpan.FromHours(1) }, dht.Servers);
        DhtServer server = dht.Servers[0];
        server.ProviderGate = new TaskCompletionSource().Task;

        Task<Dictionary<PeerId, Libp2pException?>> telling = ProvideAsync(client);
        await Poll.UntilAsync(() => !server.Provided.IsEmpty, "it was told");
        await Poll.UntilAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return telling.IsCompleted;
            },
            "its time is up");

        Libp2pException? error = (await telling)[server.Id];
        Assert.Equal(Libp2pErrorIds.PeerUnreachable, error?.ErrorId);
    }

    [Fact]
    public async Task A_host_that_listens_nowhere_tells_nobody()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(2, options => options with { ListenAddresses = [] });
        KademliaClient client = dht.Client(null, dht.Servers);

        KademliaProvideResult[] told = await client.ProvideAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience);

        Assert.Equal(2, told.Length);
        Assert.All(told, result => Assert.True(result.IsOutOfReach && result.Error is not null));
        Assert.All(dht.Servers, server => Assert.Empty(server.Provided));
    }

    [Theory]
    [InlineData(AddressScope.Machine, "127.0.0.1 192.168.1.2 8.8.8.8")]
    [InlineData(AddressScope.Network, "192.168.1.2 8.8.8.8")]
    [InlineData(AddressScope.World, "8.8.8.8")]
    public void A_peer_is_told_the_addresses_that_reach_as_far_as_its_own(AddressScope reach, string expected)
    {
        Multiaddr[] addresses = [.. new[] { "127.0.0.1", "192.168.1.2", "224.0.0.1", "8.8.8.8" }.Select(ip => Multiaddr.Parse($"/ip4/{ip}/tcp/4001"))];

        Assert.Equal(expected.Split(' '), KademliaAnnouncement.AddressesFor(addresses, reach).Select(address => address.Components[0].Value));
    }

    [Fact]
    public void The_message_is_these_bytes()
    {
        PeerId self = KademliaPeers.Id(1);
        string id = Convert.ToHexStringLower(self.ToByteArray());
        string address = Convert.ToHexStringLower(Multiaddr.Parse("/ip4/192.0.2.1/tcp/4001").ToByteArray());

        // type, key, provider { id, address }
        Assert.Equal(
            "37" + "0802" + "1203010203" + "4a2e" + "0a22" + id + "1208" + address,
            Convert.ToHexStringLower(KademliaCodec.EncodeProvider([1, 2, 3], new KademliaPeer(self, [KademliaPeers.Address(1)]))));
    }

    [Fact]
    public async Task What_is_no_multihash_is_refused_and_a_DHT_without_peers_is_an_error()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(0);
        KademliaClient client = dht.Client();

        Assert.Throws<ArgumentException>(() => client.ProvideAsync(new byte[] { 1, 2, 3 }));
        Assert.Equal(Libp2pErrorIds.PeerUnreachable, (await Assert.ThrowsAsync<Libp2pException>(() => ProvideAsync(client))).ErrorId);
    }

    private static async Task<Dictionary<PeerId, Libp2pException?>> ProvideAsync(KademliaClient client)
    {
        using CancellationTokenSource late = new(Patience);
        Dictionary<PeerId, Libp2pException?> told = [];
        await foreach (KademliaProvideResult result in client.ProvideAsync(DhtFixture.Key, late.Token))
        {
            told.Add(result.Peer, result.Error);
        }
        return told;
    }
}
