using System.Text.Json;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Tests.Interop;

/// <summary>A real DHT of @libp2p/kad-dht nodes from npm, in their own process, of which one address is known.</summary>
public sealed class DhtTests(HeliaInstallation helia) : IClassFixture<HeliaInstallation>
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(KademliaOptions.AminoProtocol, 8)]
    [InlineData(KademliaOptions.LanProtocol, 4)]
    public async Task A_provider_is_found_from_one_bootstrap_peer(string protocol, int nodes)
    {
        await using PeerProcess dht = helia.StartScript("dht.mjs", "--protocol", protocol, "--nodes", $"{nodes}");
        JsonElement told = await dht.ReadAsync();
        await using Libp2pHost host = await StartHostAsync();
        KademliaClient client = Client(host, told, protocol);

        KademliaPeer[] found = await client.FindProvidersAsync(Key(told)).ToArrayAsync().AsTask().WaitAsync(_patience);

        KademliaPeer provider = Assert.Single(found);
        Assert.Equal(told.GetProperty("provider").GetString(), provider.Id.ToString());
        Assert.Equal(Texts(told, "providerAddrs"), provider.Addresses.Select(address => address.ToString()));
        Assert.InRange(client.KnownPeerCount, 1, nodes);
    }

    [Fact]
    public async Task The_nodes_and_where_they_are_is_found_and_what_nobody_provides_is_not()
    {
        await using PeerProcess dht = helia.StartScript("dht.mjs", "--nodes", "6");
        JsonElement told = await dht.ReadAsync();
        await using Libp2pHost host = await StartHostAsync();
        KademliaClient client = Client(host, told, KademliaOptions.AminoProtocol);
        byte[] unknown = Multihash.Compute(MultihashCode.Sha256, "nobody has this"u8).ToByteArray();

        KademliaPeer[] closest = await client.FindClosestPeersAsync(unknown).ToArrayAsync().AsTask().WaitAsync(_patience);
        KademliaPeer? provider = await client.FindPeerAsync(PeerId.Parse(told.GetProperty("provider").GetString()!)).AsTask().WaitAsync(_patience);

        Assert.Equal(Texts(told, "peers").Order(), closest.Select(peer => peer.Id.ToString()).Order());
        Assert.Equal(Texts(told, "providerAddrs"), provider?.Addresses.Select(address => address.ToString()));
        Assert.Empty(await client.FindProvidersAsync(unknown).ToArrayAsync().AsTask().WaitAsync(_patience));
    }

    [Fact]
    public async Task Real_peers_take_many_keys_over_one_stream_and_others_find_who_provides_each()
    {
        await using PeerProcess dht = helia.StartScript("dht.mjs", "--nodes", "24");
        JsonElement told = await dht.ReadAsync();
        await using Libp2pHost host = await Libp2pHost.StartAsync(
            new Libp2pOptions { Identity = PrivateKey.Generate(), ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")] });
        KademliaClient client = Client(host, told, KademliaOptions.AminoProtocol);
        byte[][] keys = [.. Enumerable.Range(0, 200).Select(i => Multihash.Compute(MultihashCode.Sha256, BitConverter.GetBytes(i)).ToByteArray())];
        ProvideKeys sorted = new(keys.Length);
        Array.ForEach(keys, key => sorted.Add(key));
        sorted.Sort();
        ProvideSweep sweep = new(sorted, client.BucketSize);
        int lookups = 0;
        using CancellationTokenSource late = new(_patience);
        while (!sweep.IsDone)
        {
            if (sweep.TryTake() is { } region)
            {
                foreach (SweepShare share in region.Shares)
                {
                    Assert.Null((await client.ProvideToAsync(share.Peer, [.. share.Keys.Select(key => region.Keys[key])], late.Token)).Error);
                }

                continue;
            }

            lookups++;
            KademliaClosest found = await client.LookupAsync(sweep.Target!.Value, late.Token);
            sweep.Learn(found.Peers, found.IsComplete);
        }

        Assert.InRange(lookups, 1, 20);
        await using Libp2pHost other = await StartHostAsync();
        KademliaClient asking = Client(other, told, KademliaOptions.AminoProtocol);
        foreach (byte[] key in keys.Where((_, i) => i % 20 == 0))
        {
            KademliaPeer provider = Assert.Single(await asking.FindProvidersAsync(key).ToArrayAsync().AsTask().WaitAsync(_patience));
            Assert.Equal(host.PeerId, provider.Id);
            Assert.Equal(host.Addresses, provider.Addresses);
        }
    }

    private static Task<Libp2pHost> StartHostAsync() => Libp2pHost.StartAsync(new Libp2pOptions { Identity = PrivateKey.Generate() });

    private static KademliaClient Client(Libp2pHost host, JsonElement told, string protocol) =>
        new(host, new KademliaOptions { BootstrapPeers = [Multiaddr.Parse(told.GetProperty("addr").GetString()!)], ProtocolId = protocol });

    private static byte[] Key(JsonElement told) => Cid.Parse(told.GetProperty("cid").GetString()!).Hash.ToByteArray();

    private static IEnumerable<string?> Texts(JsonElement told, string name) => told.GetProperty(name).EnumerateArray().Select(text => text.GetString());
}
