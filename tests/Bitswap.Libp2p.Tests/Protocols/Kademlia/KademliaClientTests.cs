using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaClientTests
{
    [Fact]
    public async Task A_provider_is_found_from_one_bootstrap_peer_over_several_others()
    {
        await using DhtFixture dht = await DhtFixture.StartChainAsync(6);
        dht.Servers[5].Providers.Add(KademliaPeers.Peer(1));
        KademliaClient client = dht.Client(null, dht.Servers[0]);

        KademliaPeer provider = Assert.Single(await FindAsync(client));

        Assert.Equal(KademliaPeers.Id(1), provider.Id);
        Assert.Equal([KademliaPeers.Address(1)], provider.Addresses);
        Assert.All(dht.Servers, server =>
        {
            (KademliaRequest request, byte[] key) = Assert.Single(server.Asked);
            Assert.Equal(KademliaRequest.GetProviders, request);
            Assert.Equal(DhtFixture.Key, key);
        });
        Assert.Equal(6, client.KnownPeerCount);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_second_query_begins_at_who_answered_and_not_at_the_bootstrap_peer()
    {
        await using DhtFixture dht = await DhtFixture.StartChainAsync(5);
        dht.Servers[4].Providers.Add(KademliaPeers.Peer(1));
        KademliaClient client = dht.Client(new KademliaOptions { BucketSize = 3 }, dht.Servers[0]);
        Assert.Single(await FindAsync(client));
        await dht.Servers[0].DisposeAsync();

        Assert.Single(await FindAsync(client));

        Assert.Single(dht.Servers[0].Asked);
        Assert.True(dht.Servers[4].Asked.Count == 2);
    }

    [Fact]
    public async Task When_all_who_answered_before_are_gone_it_begins_at_the_bootstrap_peer_again()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        DhtServer bootstrap = dht.Servers[0];
        bootstrap.Closer.Add(dht.Servers[1].Peer);
        KademliaClient client = dht.Client(null, bootstrap);
        Assert.Empty(await FindAsync(client));
        Assert.Equal(2, client.KnownPeerCount);
        bootstrap.Closer[0] = dht.Servers[2].Peer;
        bootstrap.Providers.Add(KademliaPeers.Peer(1));
        await dht.Servers[1].DisposeAsync();

        Assert.Single(await FindAsync(client));

        Assert.Single(dht.Servers[2].Asked);
        Assert.Equal(2, client.KnownPeerCount);
    }

    [Fact]
    public async Task A_connected_peer_that_speaks_the_protocol_is_a_place_to_begin()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        dht.Servers[0].Providers.Add(KademliaPeers.Peer(1));
        KademliaClient client = dht.Client();
        await dht.Servers[0].Host.ConnectAsync(dht.Host.Addresses).AsTask().WaitAsync(Patience);
        await Poll.UntilAsync(() => dht.Host.Connections is [{ IsIdentified: true }]);

        Assert.Single(await FindAsync(client));

        // it was there before, and the port of an inbound connection is nothing to come back to
        Assert.True(dht.Host.IsConnected(dht.Servers[0].Id));
    }

    [Fact]
    public async Task A_connected_peer_that_is_silent_does_not_keep_a_query_from_the_bootstrap_peers()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        TaskCompletionSource gate = new();
        DhtServer silent = dht.Servers[0];
        silent.Gate = gate.Task;
        dht.Servers[2].Providers.Add(KademliaPeers.Peer(1));
        KademliaClient client = dht.Client(null, dht.Servers[1..]);
        await dht.Host.ConnectAsync(silent.Host.Addresses).AsTask().WaitAsync(Patience);
        await Poll.UntilAsync(() => dht.Host.Connections is [{ IsIdentified: true }]);

        await using IAsyncEnumerator<KademliaPeer> found = client.FindProvidersAsync(DhtFixture.Key).GetAsyncEnumerator();
        Assert.True(await found.MoveNextAsync().AsTask().WaitAsync(Patience));

        Assert.Equal(KademliaPeers.Id(1), found.Current.Id);
        gate.SetResult();
        Assert.False(await found.MoveNextAsync().AsTask().WaitAsync(Patience));
        Assert.All(dht.Servers, server => Assert.Single(server.Asked));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Enough_known_peers_that_answer_leave_the_bootstrap_peers_alone(int concurrency)
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(4);
        DhtServer bootstrap = dht.Servers[0];
        foreach (DhtServer server in dht.Servers[1..])
        {
            await dht.Host.ConnectAsync(server.Host.Addresses).AsTask().WaitAsync(Patience);
        }
        await Poll.UntilAsync(() => dht.Host.Connections.Count(connection => connection.IsIdentified) == 3);
        KademliaClient client = dht.Client(new KademliaOptions { Concurrency = concurrency }, bootstrap);

        Assert.Empty(await FindAsync(client));

        Assert.Empty(bootstrap.Asked);
        Assert.All(dht.Servers[1..], server => Assert.Single(server.Asked));
    }

    [Fact]
    public async Task Nobody_to_begin_at_is_an_error_that_says_what_to_do()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(0);

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => FindAsync(dht.Client()));

        Assert.Contains(nameof(KademliaOptions.BootstrapPeers), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_who_answers_is_an_error_with_the_last_reason()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(2);
        DhtServer gone = dht.Servers[0];
        KademliaClient client = dht.Client(new KademliaOptions { ProtocolId = KademliaOptions.LanProtocol }, gone, dht.Servers[1]);
        await gone.DisposeAsync();

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => FindAsync(client));

        Assert.Contains("None of the 2 peers", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.InnerException);
        Assert.Equal(0, client.KnownPeerCount);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task Another_protocol_is_another_DHT()
    {
        await using DhtServer server = await DhtServer.StartAsync(KademliaOptions.LanProtocol);
        server.Providers.Add(KademliaPeers.Peer(1));
        await using DhtFixture dht = await DhtFixture.StartAsync(0);

        Assert.Single(await FindAsync(dht.Client(new KademliaOptions { ProtocolId = KademliaOptions.LanProtocol }, server)));
    }

    [Theory]
    [InlineData("0300")]
    [InlineData("ffffffffffffffff7f")]
    [InlineData("020804")]
    [InlineData("0408034205")]
    [InlineData("0803")]
    public async Task A_peer_that_answers_with_nonsense_costs_itself_only(string hex)
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(2);
        dht.Servers[0].Nonsense = Convert.FromHexString(hex);
        dht.Servers[1].Providers.Add(KademliaPeers.Peer(1));
        KademliaClient client = dht.Client(new KademliaOptions { RequestTimeout = TimeSpan.FromSeconds(2) }, dht.Servers);

        Assert.Single(await FindAsync(client));

        Assert.Equal(1, client.KnownPeerCount);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task An_answer_over_the_largest_size_costs_its_sender_only()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(2);
        dht.Servers[0].Providers.AddRange(Enumerable.Range(1, 20).Select(KademliaPeers.Peer));
        dht.Servers[1].Providers.Add(KademliaPeers.Peer(30));

        KademliaPeer[] found = await FindAsync(dht.Client(new KademliaOptions { MaxMessageSize = 200 }, dht.Servers));

        Assert.Equal(KademliaPeers.Id(30), Assert.Single(found).Id);
    }

    [Fact]
    public async Task Peers_that_are_nowhere_or_somebody_else_are_left_out()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(2);
        DhtServer bootstrap = dht.Servers[0];
        PeerId impostor = PrivateKey.Generate().PeerId;
        (System.Net.Sockets.Socket closed, Multiaddr nowhere) = ListenRaw();
        closed.Dispose();
        bootstrap.Closer.AddRange(
        [
            new KademliaPeer(impostor, [.. dht.Servers[1].Host.Addresses.Select(address => address.WithPeerId(impostor))]),
            new KademliaPeer(KademliaPeers.Id(5), [nowhere.WithPeerId(KademliaPeers.Id(5))]),
            new KademliaPeer(KademliaPeers.Id(6), [Multiaddr.Parse("/ip4/127.0.0.1/udp/4001/quic-v1").WithPeerId(KademliaPeers.Id(6))]),
            new KademliaPeer(KademliaPeers.Id(7), []),
            new KademliaPeer(dht.Host.PeerId, dht.Host.Addresses),
            bootstrap.Peer,
            dht.Servers[1].Peer,
        ]);
        dht.Servers[1].Providers.Add(KademliaPeers.Peer(1));
        KademliaClient client = dht.Client(null, bootstrap);

        Assert.Single(await FindAsync(client));

        Assert.Equal(2, client.KnownPeerCount);
        Assert.Single(dht.Servers[1].Asked);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task Providers_come_once_and_those_without_an_address_at_the_end()
    {
        await using DhtFixture dht = await DhtFixture.StartChainAsync(3);
        KademliaPeer bare = new(KademliaPeers.Id(8), []);
        KademliaPeer learnt = new(KademliaPeers.Id(9), []);
        dht.Servers[0].Providers.AddRange([bare, learnt, KademliaPeers.Peer(1), KademliaPeers.Peer(1)]);
        dht.Servers[1].Providers.AddRange([KademliaPeers.Peer(1), KademliaPeers.Peer(2), bare]);
        (System.Net.Sockets.Socket closed, Multiaddr nowhere) = ListenRaw();
        closed.Dispose();
        nowhere = nowhere.WithPeerId(learnt.Id);
        dht.Servers[1].Closer.Add(learnt with { Addresses = [nowhere] });
        dht.Servers[2].Providers.Add(new KademliaPeer(dht.Host.PeerId, dht.Host.Addresses));
        KademliaClient client = dht.Client(null, dht.Servers[0]);

        KademliaPeer[] found = await FindAsync(client);

        Assert.Equal(new[] { 1, 2, 8, 9 }.Select(KademliaPeers.Id).Order(), found.Select(peer => peer.Id).Order());
        Assert.Equal(bare.Id, found[^1].Id);
        Assert.Equal([nowhere], found.Single(peer => peer.Id == learnt.Id).Addresses);
    }

    [Fact]
    public async Task No_more_providers_are_given_than_the_limit()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        dht.Servers[0].Providers.AddRange(Enumerable.Range(1, 20).Select(KademliaPeers.Peer));

        Assert.Equal(7, (await FindAsync(dht.Client(new KademliaOptions { MaxProviders = 7 }, dht.Servers))).Length);
        Assert.Equal(5, (await FindAsync(dht.Client(new KademliaOptions { MaxProvidersPerMessage = 5 }, dht.Servers))).Length);
    }

    [Fact]
    public async Task No_more_peers_are_asked_than_the_limit()
    {
        await using DhtFixture dht = await DhtFixture.StartChainAsync(5);

        Assert.Empty(await FindAsync(dht.Client(new KademliaOptions { MaxPeersAsked = 2, Resiliency = 4 }, dht.Servers[0])));

        Assert.Equal([1, 1, 0, 0, 0], dht.Servers.Select(server => server.Asked.Count));
    }

    [Fact]
    public async Task The_closest_peers_come_in_order_and_all_of_them_answered()
    {
        await using DhtFixture dht = await DhtFixture.StartChainAsync(5);
        dht.Servers[4].Closer.Add(new KademliaPeer(KademliaPeers.Id(7), []));

        KademliaPeer[] closest = await dht.Client(new KademliaOptions { BucketSize = 3 }, dht.Servers[0])
            .FindClosestPeersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience);

        Assert.Equal([dht.Servers[4].Id, dht.Servers[3].Id, dht.Servers[2].Id], closest.Select(peer => peer.Id));
        Assert.Equal(dht.Servers[4].Host.Addresses, closest[0].Addresses);
        Assert.All(dht.Servers, server => Assert.Equal(KademliaRequest.FindNode, Assert.Single(server.Asked).Request));
    }

    [Fact]
    public async Task A_key_that_is_no_multihash_or_too_long_is_refused_before_anything_is_done()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(0);
        KademliaClient client = dht.Client();

        Assert.Throws<ArgumentException>(() => client.FindProvidersAsync(Array.Empty<byte>()));
        Assert.Throws<ArgumentException>(() => client.FindProvidersAsync(new byte[] { 0x12, 0x20, 1 }));
        Assert.Throws<ArgumentException>(() => client.FindProvidersAsync((byte[])[.. DhtFixture.Key, 0]));
        Assert.Throws<ArgumentException>(() => client.FindProvidersAsync(Multihash.FromDigest(MultihashCode.Identity, new byte[79]).ToByteArray()));
        Assert.Throws<ArgumentException>(() => client.FindClosestPeersAsync(Array.Empty<byte>()));
        Assert.Throws<ArgumentException>(() => client.FindClosestPeersAsync(new byte[KademliaClient.MaxKeyLength + 1]));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.FindPeerAsync(null!).AsTask());
        Assert.Throws<ArgumentNullException>(() => new KademliaClient(null!, new KademliaOptions()));
        Assert.Throws<ArgumentNullException>(() => new KademliaClient(dht.Host, null!));
    }

    private static Task<KademliaPeer[]> FindAsync(KademliaClient client) =>
        client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience);
}
