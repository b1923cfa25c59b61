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
    public async Task A_lookup_says_that_it_is_complete_and_each_peer_is_told_of_many_keys_over_one_stream()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(6);
        KademliaClient client = dht.Client(new KademliaOptions { BucketSize = 4, Concurrency = 2 }, dht.Servers);
        byte[][] keys = [.. Enumerable.Range(0, 50).Select(i => Multihash.Compute(0x12, [(byte)i]).ToByteArray())];

        KademliaClosest found = await client.LookupAsync(DhtFixture.Key).AsTask().WaitAsync(Patience);
        KademliaProvideResult told = await client.ProvideToAsync(found.Peers[0], keys).WaitAsync(Patience);

        Assert.Equal((4, 4, true), (client.BucketSize, found.Peers.Count, found.IsComplete));
        DhtServer server = dht.Servers.Single(server => server.Id.Equals(found.Peers[0].Id));
        Assert.Equal((server.Id, null), (told.Peer, told.Error));
        Assert.Equal(keys, server.Provided.Select(one => one.Key));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.ProvideToAsync(found.Peers[0], []));
        await Assert.ThrowsAsync<ArgumentException>(() => client.ProvideToAsync(found.Peers[0], [[1, 2, 3]]));
        await dht.LeavesNothingAsync(client);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(4, false)]
    public async Task A_lookup_that_finds_fewer_peers_than_keep_a_record_is_complete_unless_most_did_not_answer(int gone, bool isComplete)
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(6);
        KademliaClient client = dht.Client(null, dht.Servers);
        foreach (DhtServer server in dht.Servers.Take(gone))
        {
            await server.DisposeAsync();
        }

        KademliaClosest found = await client.LookupAsync(DhtFixture.Key).AsTask().WaitAsync(Patience);

        Assert.Equal((6 - gone, isComplete), (found.Peers.Count, found.IsComplete));
    }

    [Fact]
    public async Task A_lookup_whose_time_is_up_is_not_complete()
    {
        FakeTimeProvider clock = new();
        await using DhtFixture dht = await DhtFixture.StartAsync(2, options => options with { Clock = clock });
        KademliaClient client = dht.Client(new KademliaOptions { RequestTimeout = TimeSpan.FromHours(1), DialTimeout = TimeSpan.FromHours(1) }, dht.Servers);
        dht.Servers[1].Gate = new TaskCompletionSource().Task;

        Task<KademliaClosest> looking = client.LookupAsync(DhtFixture.Key).AsTask();
        await Poll.UntilAsync(() => client.KnownPeerCount == 1 && !dht.Servers[1].Asked.IsEmpty, "one has answered");
        clock.Advance(TimeSpan.FromMinutes(2));
        KademliaClosest found = await looking.WaitAsync(Patience);

        Assert.Equal((dht.Servers[0].Id, false), (Assert.Single(found.Peers).Id, found.IsComplete));
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

        KademliaProvideResult[] told = await TellAsync(client);

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
    public async Task A_DHT_without_peers_is_an_error()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(0);
        KademliaClient client = dht.Client();

        Assert.Equal(Libp2pErrorIds.PeerUnreachable, (await Assert.ThrowsAsync<Libp2pException>(() => ProvideAsync(client))).ErrorId);
    }

    private static async Task<Dictionary<PeerId, Libp2pException?>> ProvideAsync(KademliaClient client) =>
        (await TellAsync(client)).ToDictionary(told => told.Peer, told => told.Error);

    private static async Task<KademliaProvideResult[]> TellAsync(KademliaClient client)
    {
        using CancellationTokenSource late = new(Patience);
        KademliaClosest found = await client.LookupAsync(DhtFixture.Key, late.Token);
        return await Task.WhenAll(found.Peers.Select(peer => client.ProvideToAsync(peer, [DhtFixture.Key], late.Token)));
    }
}
