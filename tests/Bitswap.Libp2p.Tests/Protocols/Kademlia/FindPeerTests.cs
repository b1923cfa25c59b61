using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class FindPeerTests
{
    private static readonly PeerId _wanted = KademliaPeers.Id(1);

    [Fact]
    public async Task What_several_tell_is_put_together_so_that_one_who_lies_hides_nothing()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(3);
        dht.Servers[0].Closer.Add(new KademliaPeer(_wanted, [KademliaPeers.Address(1, 666)]));
        dht.Servers[1].Closer.Add(new KademliaPeer(_wanted, [KademliaPeers.Address(1, 4001), KademliaPeers.Address(1, 4002)]));
        dht.Servers[2].Closer.Add(new KademliaPeer(_wanted, []));
        KademliaClient client = dht.Client(null, dht.Servers);

        KademliaPeer? found = await client.FindPeerAsync(_wanted).AsTask().WaitAsync(Patience);

        Assert.Equal(_wanted, found?.Id);
        Assert.Equal(
            new[] { 666, 4001, 4002 }.Select(port => KademliaPeers.Address(1, port)).Order(),
            found!.Addresses.Order());
        Assert.All(dht.Servers, server =>
        {
            (KademliaRequest request, byte[] key) = Assert.Single(server.Asked);
            Assert.Equal(KademliaRequest.FindNode, request);
            Assert.Equal(_wanted.ToByteArray(), key);
        });
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task Enough_who_tell_end_it()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(4);
        TaskCompletionSource never = new();
        foreach (DhtServer server in dht.Servers[..3])
        {
            server.Closer.Add(KademliaPeers.Peer(1));
        }
        dht.Servers[3].Gate = never.Task;
        KademliaClient client = dht.Client(new KademliaOptions { Resiliency = 3 }, dht.Servers);

        KademliaPeer? found = await client.FindPeerAsync(_wanted).AsTask().WaitAsync(Patience);

        Assert.Equal([KademliaPeers.Address(1)], found?.Addresses);
        await dht.LeavesNothingAsync(client);
    }

    [Fact]
    public async Task One_whom_nobody_knows_is_null()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        dht.Servers[0].Closer.Add(new KademliaPeer(_wanted, []));

        Assert.Null(await dht.Client(null, dht.Servers).FindPeerAsync(_wanted).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Ourselves_and_whom_we_dialed_need_no_query()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(1);
        KademliaClient client = dht.Client();
        await dht.Host.ConnectAsync(dht.Servers[0].Host.Addresses).AsTask().WaitAsync(Patience);

        Assert.Equal(dht.Host.Addresses, (await client.FindPeerAsync(dht.Host.PeerId))!.Addresses);
        Assert.Equal(dht.Servers[0].Host.Addresses, (await client.FindPeerAsync(dht.Servers[0].Id))!.Addresses);
        Assert.Empty(dht.Servers[0].Asked);
    }

    [Fact]
    public async Task Nobody_to_ask_is_an_error()
    {
        await using DhtFixture dht = await DhtFixture.StartAsync(0);

        await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => dht.Client().FindPeerAsync(_wanted).AsTask());
    }
}
