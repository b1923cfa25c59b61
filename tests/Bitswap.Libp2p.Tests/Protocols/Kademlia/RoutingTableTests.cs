using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class RoutingTableTests
{
    [Fact]
    public void The_closest_come_first_whatever_their_bucket() => Seeded.Run(20, random =>
    {
        RoutingTable table = new(KademliaPeers.Id(random), new KademliaOptions { BucketSize = 256 });
        KademliaKey target = KademliaKey.Of(random.Bytes(34));
        PeerId[] peers = [.. Enumerable.Range(0, 200).Select(_ => KademliaPeers.Id(random))];

        Assert.All(peers, peer => Assert.True(table.Add(new KademliaPeer(peer, []), null, default)));

        Assert.Equal(200, table.Count);
        Assert.Equal(
            peers.OrderBy(peer => KademliaKey.Of(peer).DistanceTo(target)).Take(20),
            table.Closest(target, 20).Select(peer => peer.Id));
    });

    [Fact]
    public void A_full_bucket_keeps_those_who_were_there_and_a_failure_makes_room()
    {
        PeerId self = KademliaPeers.Id(0);
        RoutingTable table = new(self, new KademliaOptions { BucketSize = 3 });
        PeerId[] far = [.. Enumerable.Range(1, 100).Select(KademliaPeers.Id).Where(id => KademliaKey.Of(id).CommonPrefixLength(KademliaKey.Of(self)) == 0).Take(4)];

        Assert.All(far[..3], id => Assert.True(table.Add(new KademliaPeer(id, []), null, default)));
        Assert.False(table.Add(new KademliaPeer(far[3], []), null, default));
        Assert.Equal(3, table.Count);

        table.Remove(far[1]);
        table.Remove(far[1]);
        Assert.Equal(2, table.Count);
        Assert.True(table.Add(new KademliaPeer(far[3], []), null, default));
        Assert.Equal([far[0], far[2], far[3]], table.Closest(default, 10).Select(peer => peer.Id).OrderBy(id => Array.IndexOf(far, id)));
    }

    [Fact]
    public void It_is_bounded_whoever_answers()
    {
        RoutingTable table = new(KademliaPeers.Id(0), new KademliaOptions { BucketSize = 20 });

        for (int i = 1; i <= 20_000; i++)
        {
            table.Add(new KademliaPeer(KademliaPeers.Id(i), []), null, default);
        }

        // 20 for each of about log2(20000 / 20) buckets and the few of those behind
        Assert.InRange(table.Count, 200, 300);
    }

    [Fact]
    public void A_peer_that_is_there_changes_its_addresses_even_in_a_full_bucket()
    {
        RoutingTable table = new(KademliaPeers.Id(0), new KademliaOptions { BucketSize = 1 });
        table.Add(new KademliaPeer(KademliaPeers.Id(1), []), null, default);

        Assert.True(table.Add(KademliaPeers.Peer(1), null, default));

        Assert.Equal(1, table.Count);
        Assert.Equal([KademliaPeers.Address(1)], Assert.Single(table.Closest(default, 5)).Addresses);
    }
}
