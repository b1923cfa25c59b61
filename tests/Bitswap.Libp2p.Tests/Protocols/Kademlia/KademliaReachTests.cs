using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Protocols.Kademlia;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>Which of the addresses that peers of the DHT give are dialled.</summary>
public sealed class KademliaReachTests
{
    [Fact]
    public async Task So_many_addresses_of_one_peer_are_dialled_and_no_more()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        (Socket Socket, Multiaddr Address)[] silent = [.. Enumerable.Range(0, 6).Select(_ => ListenRaw())];
        try
        {
            dht.Servers[0].Closer.Add(new KademliaPeer(KademliaPeers.Id(1), [.. silent.Select(listener => listener.Address.WithPeerId(KademliaPeers.Id(1)))]));
            KademliaClient client = dht.Client(new KademliaOptions { MaxDialsPerPeer = 2, DialTimeout = TimeSpan.FromSeconds(2) }, dht.Servers);

            // each has 250 ms before the next is tried beside it, so that all of them had their turn
            await client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience);

            Assert.Equal(2, silent.Count(listener => listener.Socket.Poll(0, SelectMode.SelectRead)));
        }
        finally
        {
            Array.ForEach(silent, listener => listener.Socket.Dispose());
        }
    }

    [Fact]
    public async Task A_private_network_hears_of_no_public_address_and_knows_how_far_who_told_is()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        Multiaddr inside = Multiaddr.Parse("/ip4/10.1.2.3/tcp/4001").WithPeerId(KademliaPeers.Id(1));
        Multiaddr outside = Multiaddr.Parse("/ip4/8.8.8.8/tcp/4001").WithPeerId(KademliaPeers.Id(1));
        dht.Servers[0].Providers.Add(new KademliaPeer(KademliaPeers.Id(1), [outside, inside]));
        KademliaClient client = dht.Client(new KademliaOptions { Rule = new DialRule { AllowPublic = false } }, dht.Servers);

        KademliaPeer provider = Assert.Single(await client.FindProvidersAsync(DhtFixture.Key).ToArrayAsync().AsTask().WaitAsync(Patience));

        Assert.Equal([inside], provider.Addresses);
        Assert.Equal(AddressScope.Machine, provider.Source);
    }
}
