using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia.Lookups;

/// <summary>What a table keeps by network, and what of it is for another run.</summary>
public sealed class RoutingTableNetworkTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly PeerId _self = KademliaPeers.Id(0);
    private static readonly KademliaKey _target = KademliaKey.Of("what is looked for"u8);

    // those of one bucket, and some of others
    private static readonly int[] _together = [.. Enumerable.Range(1, 200).Where(number => Shared(number) == 0)];
    private static readonly int[] _apart = [.. Enumerable.Range(1, 200).DistinctBy(Shared)];

    [Fact]
    public void A_bucket_takes_so_many_and_so_many_of_one_network()
    {
        RoutingTable table = new(_self, new KademliaOptions { BucketSize = 5 });
        int[] numbers = [.. _together.Take(8)];

        Assert.True(Add(table, numbers[0], "8.8.1.1"));
        Assert.True(Add(table, numbers[1], "8.8.2.1"));
        Assert.False(Add(table, numbers[2], "8.8.3.1"));
        Assert.All(numbers[3..6], number => Assert.True(Add(table, number, $"9.{number}.1.1")));
        Assert.False(Add(table, numbers[6], "11.1.1.1"));
        Assert.Equal(5, table.Count);

        // who is there may change its addresses, and who fails makes room
        Assert.True(Add(table, numbers[0], "8.8.9.1"));
        table.Remove(KademliaPeers.Id(numbers[1]));
        Assert.True(Add(table, numbers[2], "8.8.3.1"));
        Assert.False(Add(table, numbers[1], "8.8.2.1"));
        Assert.Equal(5, table.Count);
    }

    [Fact]
    public void The_table_takes_so_many_of_one_network_and_any_number_of_a_local_one()
    {
        RoutingTable table = new(_self, new KademliaOptions());

        Assert.Equal([true, true, true, false, false], _apart.Take(5).Select(number => Add(table, number, "8.8.1.1")));
        Assert.All(_together.Take(10), number => Assert.True(Add(table, number, "192.168.1.1")));
    }

    [Fact]
    public void A_contact_has_the_address_that_is_proven_first_and_of_the_others_those_of_the_internet()
    {
        RoutingTable table = new(_self, new KademliaOptions());
        Multiaddr[] told = [At(1, "10.0.0.1"), At(1, "8.8.8.8"), At(1, "10.0.0.2"), At(1, "9.9.9.9")];
        table.Add(new KademliaPeer(KademliaPeers.Id(1), told) { Source = AddressScope.Network }, told[2], _now);
        table.Add(new KademliaPeer(KademliaPeers.Id(2), [At(2, "10.0.0.1")]) { Source = AddressScope.Network }, null, _now.AddSeconds(1));
        table.Add(new KademliaPeer(KademliaPeers.Id(3), [At(3, "127.0.0.1")]), At(3, "127.0.0.1"), _now.AddSeconds(2));

        IReadOnlyList<KademliaContact> contacts = table.Contacts;

        // of the second nothing is known that means anything elsewhere; the third was named by the caller, and counts as told by one who is as near
        Assert.Equal([KademliaPeers.Id(3), KademliaPeers.Id(1)], contacts.Select(contact => contact.Peer.Id));
        Assert.Equal((AddressScope.Machine, _now.AddSeconds(2)), (contacts[0].Peer.Source, contacts[0].Answered));
        Assert.Equal([told[2], told[1], told[3]], contacts[1].Peer.Addresses);
        Assert.Equal(AddressScope.Network, contacts[1].Peer.Source);
    }

    [Fact]
    public void Those_of_an_earlier_run_wait_until_they_answer_or_fail()
    {
        KademliaContact[] remembered = [.. Enumerable.Range(1, 4).Select(number => Contact(number, "8.8.8.8", AddressScope.World))];
        RoutingTable table = new(_self, new KademliaOptions { RememberedPeers = remembered });
        PeerId[] nearest = [.. remembered.Select(contact => contact.Peer.Id).OrderBy(id => KademliaKey.Of(id).DistanceTo(_target))];

        Assert.Equal((0, 4), (table.Count, table.Contacts.Count));
        Assert.Empty(table.Closest(_target, 20));
        Assert.Equal(nearest[..3], table.Remembered(_target, 3).Select(peer => peer.Id));
        table.Remove(nearest[0]);
        table.Add(new KademliaPeer(nearest[1], [At(1, "8.8.8.8")]) { Source = AddressScope.World }, null, _now.AddDays(1));

        Assert.Equal(nearest[2..], table.Remembered(_target, 3).Select(peer => peer.Id));
        Assert.Equal(nearest[1], Assert.Single(table.Closest(_target, 20)).Id);
        Assert.Equal(nearest[1], table.Contacts[0].Peer.Id);
        Assert.Equal(3, table.Contacts.Count);
    }

    [Theory]
    [InlineData("8.8.8.8", AddressScope.World, true, 1)]
    [InlineData("8.8.8.8", AddressScope.World, false, 0)]
    [InlineData("10.0.0.1", AddressScope.World, true, 0)]
    [InlineData("10.0.0.1", AddressScope.Network, false, 1)]
    [InlineData("127.0.0.1", AddressScope.Network, true, 0)]
    [InlineData("8.8.8.8", AddressScope.Nowhere, true, 0)]
    public void The_rule_of_reach_holds_for_those_of_an_earlier_run(string ip, AddressScope source, bool allowPublic, int kept)
    {
        RoutingTable table = new(_self, new KademliaOptions { RememberedPeers = [Contact(1, ip, source)], Rule = new DialRule { AllowPublic = allowPublic } });

        Assert.Equal(kept, table.Remembered(_target, 20).Count);
    }

    private static int Shared(int number) => KademliaKey.Of(_self).CommonPrefixLength(KademliaKey.Of(KademliaPeers.Id(number)));

    private static Multiaddr At(int number, string ip) => Multiaddr.Parse($"/ip4/{ip}/tcp/4001").WithPeerId(KademliaPeers.Id(number));

    private static bool Add(RoutingTable table, int number, string ip) => table.Add(new KademliaPeer(KademliaPeers.Id(number), [At(number, ip)]), null, _now);

    private static KademliaContact Contact(int number, string ip, AddressScope source) =>
        new(new KademliaPeer(KademliaPeers.Id(number), [At(number, ip)]) { Source = source }, _now);
}
