using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia.Lookups;

/// <summary>The paths of a lookup, and the networks that its peers are of.</summary>
public sealed class KademliaPathTests
{
    private static readonly KademliaKey _target = KademliaKey.Of("what is looked for"u8);
    private static readonly KademliaPeer[] _nearest = KademliaPeers.Nearest(_target, 100);
    private static readonly KademliaOptions _two = new() { DisjointPaths = 2, Concurrency = 2, Resiliency = 2, BucketSize = 4 };

    [Fact]
    public void Each_path_goes_by_what_its_own_peers_tell()
    {
        KademliaLookup lookup = Begin(_two, _nearest[50..52]);
        Assert.Equal([_nearest[50], _nearest[51]], AskAll(lookup));

        lookup.Answered(_nearest[50].Id, _nearest[20..22]);
        Assert.Equal([_nearest[20]], AskAll(lookup));
        lookup.Answered(_nearest[51].Id, _nearest[30..32]);

        // though the other path knows a closer one
        Assert.Equal([_nearest[30]], AskAll(lookup));
    }

    [Fact]
    public void No_peer_is_asked_by_two_paths()
    {
        KademliaLookup lookup = Begin(_two, _nearest[50..52]);
        AskAll(lookup);

        lookup.Answered(_nearest[50].Id, _nearest[..2]);
        lookup.Answered(_nearest[51].Id, _nearest[..2]);

        Assert.Equal([_nearest[0], _nearest[1]], AskAll(lookup));
        lookup.Answered(_nearest[0].Id, []);
        lookup.Answered(_nearest[1].Id, []);
        Assert.Equal(4, lookup.AskedCount);
        Assert.True(lookup.IsDone);
    }

    [Fact]
    public void Where_one_peer_is_known_what_it_tells_is_dealt_to_the_paths()
    {
        KademliaLookup lookup = Begin(_two, _nearest[50..51]);
        AskAll(lookup);

        lookup.Answered(_nearest[50].Id, _nearest[20..24]);

        // the first path has its turn after the seed's
        Assert.Equal([_nearest[20], _nearest[21]], AskAll(lookup).OrderBy(peer => Array.IndexOf(_nearest, peer)));
        lookup.Answered(_nearest[20].Id, _nearest[..1]);
        lookup.Answered(_nearest[21].Id, _nearest[10..11]);
        Assert.Equal([_nearest[0], _nearest[10]], AskAll(lookup).OrderBy(peer => Array.IndexOf(_nearest, peer)));
    }

    [Fact]
    public void Wrong_addresses_that_one_path_is_told_do_not_hide_a_peer_from_another_and_those_that_failed_are_not_tried_twice()
    {
        KademliaPeer wrong = _nearest[0] with { Addresses = [Multiaddr.Parse("/ip4/192.0.2.9/tcp/9").WithPeerId(_nearest[0].Id)] };
        KademliaLookup lookup = Begin(_two, _nearest[50..52]);
        AskAll(lookup);
        lookup.Answered(_nearest[50].Id, [wrong, _nearest[1]]);
        Assert.Equal([wrong], AskAll(lookup));
        lookup.Answered(_nearest[51].Id, [_nearest[0] with { Addresses = [.. wrong.Addresses, .. _nearest[0].Addresses] }, _nearest[1]]);
        Assert.Equal([_nearest[1]], AskAll(lookup));

        lookup.Failed(wrong.Id);

        Assert.Equal(_nearest[0].Addresses, Assert.Single(AskAll(lookup)).Addresses);
        lookup.Failed(_nearest[0].Id);
        Assert.Empty(AskAll(lookup));
    }

    [Fact]
    public void A_path_that_is_kept_waiting_keeps_no_other_from_its_share_of_the_closest()
    {
        KademliaLookup lookup = Begin(_two, _nearest[50..52]);
        AskAll(lookup);
        lookup.Answered(_nearest[50].Id, _nearest[..8]);
        // the second path's peer never answers, and the first has asked one more beside it
        foreach (KademliaPeer peer in _nearest[..2])
        {
            Assert.Equal([peer], AskAll(lookup));
            lookup.Answered(peer.Id, []);
        }

        // beta of the first path have answered, which are its share: half of the four
        Assert.Empty(AskAll(lookup));
        Assert.False(lookup.IsDone);
        Assert.Equal([_nearest[0], _nearest[1], _nearest[50]], lookup.Closest(4));
        lookup.Failed(_nearest[51].Id);

        // what it leaves is given away
        Assert.Equal([_nearest[2], _nearest[3]], AskAll(lookup));
        lookup.Answered(_nearest[2].Id, []);
        lookup.Answered(_nearest[3].Id, []);
        Assert.True(lookup.IsDone);
        Assert.Equal(_nearest[..4], lookup.Closest(4));
    }

    [Fact]
    public void A_path_that_is_led_astray_has_its_share_of_the_closest_and_no_more()
    {
        KademliaLookup lookup = Begin(_two with { Concurrency = 10 }, _nearest[50..52]);
        AskAll(lookup);
        lookup.Answered(_nearest[50].Id, _nearest[..10]);
        lookup.Answered(_nearest[51].Id, _nearest[10..20]);
        while (!lookup.IsDone)
        {
            Assert.All(AskAll(lookup), peer => lookup.Answered(peer.Id, []));
        }

        Assert.Equal([_nearest[0], _nearest[1], _nearest[10], _nearest[11]], lookup.Closest(4));
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void In_a_network_of_so_few_that_no_path_has_beta_it_has_converged_once_beta_of_all_have_answered(int answering, bool hasConverged)
    {
        KademliaLookup lookup = Begin(new KademliaOptions { DisjointPaths = 4, Concurrency = 10 }, _nearest[..5]);
        Assert.Equal(5, AskAll(lookup).Count);

        Assert.All(_nearest[..answering], peer => lookup.Answered(peer.Id, _nearest[..5]));
        Assert.False(lookup.IsDone);
        Assert.All(_nearest[answering..5], peer => lookup.Failed(peer.Id));

        Assert.True(lookup.IsDone);
        Assert.Equal(hasConverged, lookup.HasConverged);
        Assert.Equal(_nearest[..answering], lookup.Closest(20));
    }

    [Fact]
    public void Of_one_network_so_many_are_asked_while_there_are_others_and_the_rest_when_there_are_none()
    {
        KademliaPeer[] same = [.. Enumerable.Range(0, 5).Select(i => In(_nearest[i], $"8.8.{i}.1"))];
        KademliaPeer[] others = [In(_nearest[10], "9.9.9.9"), In(_nearest[11], "/ip6/2600:1::1"), _nearest[12]];
        KademliaLookup lookup = Begin(new KademliaOptions { DisjointPaths = 1, Concurrency = 10, Resiliency = 10, MaxPeersPerNetwork = 2 }, [.. same, .. others]);

        Assert.Equal([.. same[..2], .. others], AskAll(lookup));
        Assert.All(others, peer => lookup.Answered(peer.Id, []));
        lookup.Answered(same[0].Id, []);
        Assert.Empty(AskAll(lookup));

        // who failed makes room for another of its network
        lookup.Failed(same[1].Id);
        Assert.Equal([same[2]], AskAll(lookup));
        lookup.Answered(same[2].Id, []);
        Assert.Equal([same[3]], AskAll(lookup));
        lookup.Answered(same[3].Id, []);
        Assert.Equal([same[4]], AskAll(lookup));
    }

    [Fact]
    public void Of_one_network_so_many_are_among_the_closest_and_more_where_others_are_too_few()
    {
        KademliaPeer[] same = [.. Enumerable.Range(0, 6).Select(i => In(_nearest[i], $"8.8.{i}.1"))];
        KademliaPeer[] others = [.. Enumerable.Range(10, 3).Select(i => In(_nearest[i], $"{i + 1}.1.1.1"))];
        KademliaLookup lookup = Begin(new KademliaOptions { DisjointPaths = 1, Concurrency = 10, Resiliency = 3, BucketSize = 4, MaxPeersPerNetwork = 2 }, [.. same, .. others]);
        while (!lookup.IsDone)
        {
            Assert.All(AskAll(lookup), peer => lookup.Answered(peer.Id, []));
        }

        Assert.Equal([.. same[..2], .. others[..2]], lookup.Closest(4));
        Assert.Equal(lookup.AnsweredCount, lookup.Closest(20).Count);
    }

    [Theory]
    [InlineData("/ip4/8.8.1.1/tcp/1", "/ip4/8.8.200.1/tcp/2", true)]
    [InlineData("/ip4/8.8.1.1/tcp/1", "/ip4/8.9.1.1/tcp/1", false)]
    [InlineData("/ip6/2600:1:2::1/tcp/1", "/ip6/2600:1:9::1/tcp/1", true)]
    [InlineData("/ip6/2600:1::1/tcp/1", "/ip6/2600:2::1/tcp/1", false)]
    [InlineData("/dns4/a.example.com/tcp/1", "/dnsaddr/b.example.org", true)]
    [InlineData("/dns4/a.example.com/tcp/1", "/ip4/8.8.1.1/tcp/1", false)]
    [InlineData("/ip4/192.168.1.1/tcp/1", "/ip4/192.168.1.2/tcp/1", false)]
    [InlineData("/ip4/127.0.0.1/tcp/1", "/ip4/127.0.0.1/tcp/2", false)]
    [InlineData("/ip6/fe80::1/tcp/1", "/ip6/fe80::2/tcp/1", false)]
    public void Who_is_of_one_network(string one, string other, bool isSame)
    {
        NetworkShares shares = new(1);

        shares.Count(NetworkShares.Of([Multiaddr.Parse(one)]), 1);

        Assert.Equal(isSame, shares.IsFull(NetworkShares.Of([Multiaddr.Parse(other)])));
        // other addresses do not hide the one
        Assert.Equal(isSame && one[1] == 'i', shares.IsFull(NetworkShares.Of([Multiaddr.Parse("/ip4/9.9.9.9/tcp/1"), Multiaddr.Parse(other)])));
        shares.Count(NetworkShares.Of([Multiaddr.Parse(one)]), -1);
        Assert.False(shares.IsFull(NetworkShares.Of([Multiaddr.Parse(other)])));
    }

    private static KademliaPeer In(KademliaPeer peer, string ip) => peer with
    {
        Addresses = [Multiaddr.Parse($"{(ip[0] == '/' ? ip : "/ip4/" + ip)}/tcp/4001").WithPeerId(peer.Id)],
    };

    private static KademliaLookup Begin(KademliaOptions options, IEnumerable<KademliaPeer> peers)
    {
        KademliaLookup lookup = new(_target, options);
        Assert.All(peers, peer => Assert.True(lookup.Hear(peer)));
        return lookup;
    }

    private static List<KademliaPeer> AskAll(KademliaLookup lookup)
    {
        List<KademliaPeer> asked = [];
        while (lookup.TryNext(out KademliaPeer? peer))
        {
            asked.Add(peer);
        }
        return asked;
    }
}
