using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaValueTests
{
    private static readonly byte[] _key = [.. "/ipns/"u8, .. KademliaPeers.Id(1).ToByteArray()];

    [Fact]
    public async Task Every_value_that_is_kept_is_given_with_who_keeps_it()
    {
        await using DhtFixture dht = await DhtFixture.StartChainAsync(5);
        dht.Servers[2].Values.Add((_key, [1, 2, 3]));
        dht.Servers[4].Values.Add((_key, [4]));
        KademliaClient client = dht.Client(null, dht.Servers[0]);

        List<KademliaValue> values = await GetAsync(client);

        Assert.Equal(
            new[] { (dht.Servers[2].Id, "010203"), (dht.Servers[4].Id, "04") }.OrderBy(value => value.Item2),
            values.Select(value => (value.Peer, Convert.ToHexStringLower(value.Value.Span))).OrderBy(value => value.Item2));
        Assert.All(dht.Servers, server =>
        {
            (KademliaRequest request, byte[] key) = Assert.Single(server.Asked);
            Assert.Equal(KademliaRequest.GetValue, request);
            Assert.Equal(_key, key);
        });
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_value_of_another_key_an_empty_one_and_one_over_the_limit_are_no_values()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(4);
        dht.Servers[0].Values.Add(([.. _key, 0], [1]));
        dht.Servers[1].Values.Add((_key, []));
        dht.Servers[2].Values.Add((_key, new byte[11]));
        dht.Servers[3].Values.Add((_key, new byte[10]));
        KademliaClient client = dht.Client(new KademliaOptions { MaxValueSize = 10 }, dht.Servers);

        Assert.Equal(dht.Servers[3].Id, Assert.Single(await GetAsync(client)).Peer);
        Assert.Equal(4, client.KnownPeerCount);
    }

    [Fact]
    public async Task A_caller_that_has_enough_ends_it()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        TaskCompletionSource never = new();
        dht.Servers[0].Values.Add((_key, [1]));
        dht.Servers[1].Gate = never.Task;
        dht.Servers[2].Gate = never.Task;
        KademliaClient client = dht.Client(null, dht.Servers);

        await foreach (KademliaValue value in client.GetValuesAsync(_key))
        {
            Assert.Equal(dht.Servers[0].Id, value.Peer);
            break;
        }

        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task A_value_is_given_to_the_closest_and_each_says_whether_it_keeps_it()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(6);
        dht.Servers[0].PutAnswer = _ => null;
        dht.Servers[1].PutAnswer = value => [.. value, 0];
        KademliaClient client = dht.Client(new KademliaOptions { Concurrency = 2 }, dht.Servers);

        Dictionary<PeerId, Libp2pException?> results = await PutAsync(client, [7, 8, 9]);

        Assert.Equal(dht.Servers.Select(server => server.Id).ToHashSet(), results.Keys.ToHashSet());
        Assert.Equal(Libp2pErrorIds.ProtocolViolation, results[dht.Servers[0].Id]?.ErrorId);
        Assert.Equal(Libp2pErrorIds.ProtocolViolation, results[dht.Servers[1].Id]?.ErrorId);
        Assert.All(dht.Servers[2..], server =>
        {
            Assert.Null(results[server.Id]);
            (byte[] key, byte[] value) = Assert.Single(server.Put);
            Assert.Equal(_key, key);
            Assert.Equal([7, 8, 9], value);
        });
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task No_more_than_the_closest_get_it()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(8);
        KademliaClient client = dht.Client(new KademliaOptions { BucketSize = 4 }, dht.Servers);

        Dictionary<PeerId, Libp2pException?> results = await PutAsync(client, [1]);

        KademliaKey target = KademliaKey.Of(_key);
        Assert.Equal(
            dht.Servers.Select(server => server.Id).OrderBy(id => KademliaKey.Of(id).DistanceTo(target)).Take(4).ToHashSet(),
            results.Keys.ToHashSet());
    }

    [Fact]
    public async Task One_that_is_gone_meanwhile_is_told_and_the_others_get_it()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        KademliaClient client = dht.Client(null, dht.Servers);
        dht.Servers[1].ClosesAfterFindNode = true;

        Dictionary<PeerId, Libp2pException?> results = await PutAsync(client, [1]);

        Assert.NotNull(results[dht.Servers[1].Id]);
        Assert.Null(results[dht.Servers[0].Id]);
        Assert.Null(results[dht.Servers[2].Id]);
    }

    [Fact]
    public async Task Keys_and_values_that_no_peer_takes_are_refused()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(0);
        KademliaClient client = dht.Client(new KademliaOptions { MaxValueSize = 10 });

        Assert.Throws<ArgumentException>(() => client.GetValuesAsync(Array.Empty<byte>()));
        Assert.Throws<ArgumentException>(() => client.GetValuesAsync(new byte[KademliaClient.MaxKeyLength + 1]));
        Assert.Throws<ArgumentException>(() => client.PutValueAsync(Array.Empty<byte>(), new byte[1]));
        Assert.Throws<ArgumentException>(() => client.PutValueAsync(_key, Array.Empty<byte>()));
        Assert.Throws<ArgumentException>(() => client.PutValueAsync(_key, new byte[11]));
        Libp2pException alone = await Assert.ThrowsAsync<Libp2pException>(() => GetAsync(client));
        Assert.Equal(Libp2pErrorIds.PeerUnreachable, alone.ErrorId);
        alone = await Assert.ThrowsAsync<Libp2pException>(() => PutAsync(client, [1]));
        Assert.Equal(Libp2pErrorIds.PeerUnreachable, alone.ErrorId);
    }

    [Fact]
    public void A_record_is_these_bytes()
    {
        // type, key, record { key, value }
        Assert.Equal(
            "12" + "0800" + "1203010203" + "1a09" + "0a03010203" + "12020809",
            Convert.ToHexStringLower(KademliaCodec.EncodeRequest(KademliaRequest.PutValue, [1, 2, 3], [8, 9])));
        Assert.Equal("07" + "0801" + "1203010203", Convert.ToHexStringLower(KademliaCodec.EncodeRequest(KademliaRequest.GetValue, [1, 2, 3])));
    }

    private static async Task<List<KademliaValue>> GetAsync(KademliaClient client)
    {
        using CancellationTokenSource late = new(Patience);
        List<KademliaValue> values = [];
        await foreach (KademliaValue value in client.GetValuesAsync(_key, late.Token))
        {
            values.Add(value);
        }
        return values;
    }

    private static async Task<Dictionary<PeerId, Libp2pException?>> PutAsync(KademliaClient client, byte[] value)
    {
        using CancellationTokenSource late = new(Patience);
        Dictionary<PeerId, Libp2pException?> results = [];
        await foreach (KademliaPutResult result in client.PutValueAsync(_key, value, late.Token))
        {
            results.Add(result.Peer, result.Error);
        }
        return results;
    }
}
