using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaLookupTests
{
    private static readonly KademliaKey _target = KademliaKey.Of("what is looked for"u8);
    private static readonly KademliaPeer[] _nearest = KademliaPeers.Nearest(_target, 500);
    private static readonly PeerId _self = KademliaPeers.Id(0);

    [Fact]
    public void The_closest_are_asked_first_and_alpha_at_a_time()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { Concurrency = 3 }, _nearest[..10].Reverse());

        Assert.Equal([.. _nearest[..3]], AskAll(lookup));
        lookup.Failed(_nearest[1].Id);
        Assert.Equal([_nearest[3]], AskAll(lookup));
        lookup.Answered(_nearest[3].Id, []);
        Assert.Equal([_nearest[4]], AskAll(lookup));
        Assert.Equal((5, 3, 1), (lookup.AskedCount, lookup.WaitingCount, lookup.AnsweredCount));
    }

    [Fact]
    public void Who_is_told_of_and_closer_is_asked_next()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { Concurrency = 1 }, _nearest[50..52]);

        Assert.Equal([_nearest[50]], AskAll(lookup));
        lookup.Answered(_nearest[50].Id, [_nearest[7], _nearest[5], _nearest[90]]);

        Assert.Equal([_nearest[5]], AskAll(lookup));
    }

    [Fact]
    public void It_converges_once_the_beta_closest_answered_and_then_asks_the_k_closest_that_do_not_fail()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { Concurrency = 3, Resiliency = 3, BucketSize = 5 }, _nearest[..8]);
        AskAll(lookup);

        lookup.Answered(_nearest[2].Id, []);
        lookup.Answered(_nearest[0].Id, []);
        Assert.False(lookup.HasConverged);
        lookup.Answered(_nearest[1].Id, []);
        Assert.True(lookup.HasConverged);
        Assert.False(lookup.IsDone);

        Assert.Equal([.. _nearest[3..5]], AskAll(lookup));
        lookup.Answered(_nearest[3].Id, [_nearest[20]]);
        Assert.False(lookup.IsDone);
        lookup.Failed(_nearest[4].Id);
        Assert.False(lookup.IsDone);
        Assert.Equal([_nearest[5]], AskAll(lookup));
        lookup.Answered(_nearest[5].Id, []);
        Assert.True(lookup.IsDone);
        Assert.Empty(AskAll(lookup));
        Assert.Equal([.. _nearest[..4], _nearest[5]], lookup.Closest(20));
        Assert.Equal(_nearest[..2], lookup.Closest(2));
    }

    [Fact]
    public void A_closer_one_that_is_still_asked_keeps_it_from_converging_a_failed_one_does_not()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { Concurrency = 4, Resiliency = 3, BucketSize = 4 }, _nearest[..4]);
        AskAll(lookup);

        Assert.All(_nearest[1..4], peer => lookup.Answered(peer.Id, []));
        Assert.False(lookup.HasConverged);
        lookup.Failed(_nearest[0].Id);

        Assert.True(lookup.HasConverged);
        Assert.True(lookup.IsDone);
    }

    [Fact]
    public void Answers_that_are_far_are_not_waited_for_once_the_closest_have_answered()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { Concurrency = 4, Resiliency = 2, BucketSize = 2 }, [_nearest[0], _nearest[1], _nearest[100]]);
        AskAll(lookup);

        lookup.Answered(_nearest[0].Id, []);
        lookup.Answered(_nearest[1].Id, []);

        Assert.True(lookup.IsDone);
        Assert.Equal(1, lookup.WaitingCount);
    }

    [Fact]
    public void It_is_done_when_nobody_is_left_and_goes_on_when_it_is_told_of_others()
    {
        KademliaLookup lookup = Begin(new KademliaOptions(), []);
        Assert.True(lookup.IsDone);

        Assert.True(lookup.Hear(_nearest[0]));
        Assert.False(lookup.IsDone);
        AskAll(lookup);
        Assert.False(lookup.IsDone);
        lookup.Failed(_nearest[0].Id);
        Assert.True(lookup.IsDone);
        Assert.Empty(lookup.Closest(20));
    }

    [Fact]
    public void Ourselves_and_whoever_is_excluded_are_never_asked()
    {
        KademliaLookup lookup = new(_target, new KademliaOptions(), _self, _nearest[3].Id);

        Assert.False(lookup.Hear(KademliaPeers.Peer(0)));
        Assert.False(lookup.Hear(_nearest[3]));
        Assert.True(lookup.IsDone);
    }

    [Fact]
    public void A_peer_that_names_itself_and_those_that_were_asked_goes_in_no_circle()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { Concurrency = 1 }, [_nearest[0], _nearest[1]]);

        AskAll(lookup);
        lookup.Answered(_nearest[0].Id, [_nearest[0], _nearest[1], KademliaPeers.Peer(0)]);
        Assert.Equal([_nearest[1]], AskAll(lookup));
        lookup.Answered(_nearest[1].Id, [_nearest[0], _nearest[1]]);

        Assert.True(lookup.IsDone);
        Assert.Equal(2, lookup.AskedCount);
    }

    [Fact]
    public void No_more_than_the_limit_are_asked()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { MaxPeersAsked = 7, Concurrency = 5 }, _nearest);

        Assert.Equal(5, AskAll(lookup).Count);
        Assert.All(_nearest[..5], peer => lookup.Failed(peer.Id));
        Assert.Equal(2, AskAll(lookup).Count);
        Assert.False(lookup.IsDone);
        lookup.Failed(_nearest[5].Id);
        lookup.Failed(_nearest[6].Id);

        Assert.True(lookup.IsDone);
        Assert.Equal(7, lookup.AskedCount);
    }

    [Fact]
    public void Of_too_many_the_farthest_are_forgotten() => Seeded.Run(20, random =>
    {
        KademliaPeer[] told = [.. _nearest];
        random.Shuffle(told);
        KademliaLookup lookup = Begin(new KademliaOptions { MaxPeersKnown = 40, Concurrency = 64 }, told);

        Assert.Equal(40, lookup.KnownCount);
        Assert.Equal([.. _nearest[..40]], AskAll(lookup));
        // no peer that is asked is forgotten
        Assert.False(lookup.Hear(new KademliaPeer(KademliaPeers.Id(random), [])));
    });

    [Fact]
    public void Addresses_told_by_several_are_put_together_within_the_limit()
    {
        KademliaLookup lookup = Begin(new KademliaOptions { MaxAddressesPerPeer = 3 }, []);
        KademliaPeer peer = new(KademliaPeers.Id(1), []);

        Assert.True(lookup.Hear(peer));
        Assert.True(lookup.Hear(peer with { Addresses = [Address(1), Address(2)] }));
        Assert.False(lookup.Hear(peer with { Addresses = [Address(2)] }));
        Assert.True(lookup.Hear(peer with { Addresses = [Address(2), Address(3), Address(4)] }));

        Assert.Equal([Address(1), Address(2), Address(3)], lookup.Find(peer.Id)!.Addresses);
        Assert.Null(lookup.Find(KademliaPeers.Id(2)));
    }

    [Fact]
    public void One_that_failed_at_wrong_addresses_is_asked_once_more_at_others()
    {
        KademliaLookup lookup = Begin(new KademliaOptions(), [new KademliaPeer(KademliaPeers.Id(1), [Address(1)])]);
        Fail(lookup);
        Assert.True(lookup.IsDone);

        Assert.False(lookup.Hear(new KademliaPeer(KademliaPeers.Id(1), [Address(1)])));
        Assert.True(lookup.Hear(new KademliaPeer(KademliaPeers.Id(1), [Address(1), Address(2)])));
        Assert.Equal([Address(2)], Fail(lookup).Addresses);
        Assert.False(lookup.Hear(new KademliaPeer(KademliaPeers.Id(1), [Address(3)])));
        Assert.True(lookup.IsDone);
    }

    [Fact]
    public void An_answer_of_one_that_was_not_asked_is_a_fault_of_the_caller()
    {
        KademliaLookup lookup = Begin(new KademliaOptions(), _nearest[..1]);

        Assert.Throws<InvalidOperationException>(() => lookup.Answered(_nearest[0].Id, []));
        Assert.Throws<InvalidOperationException>(() => lookup.Failed(_nearest[1].Id));
        AskAll(lookup);
        lookup.Answered(_nearest[0].Id, []);
        Assert.Throws<InvalidOperationException>(() => lookup.Answered(_nearest[0].Id, []));
    }

    private static Multiaddr Address(int port) => KademliaPeers.Address(1, port);

    // one path, which is what the others are, too
    private static KademliaLookup Begin(KademliaOptions options, IEnumerable<KademliaPeer> peers)
    {
        KademliaLookup lookup = new(_target, options with { DisjointPaths = 1 }, _self);
        foreach (KademliaPeer peer in peers)
        {
            lookup.Hear(peer);
        }
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

    private static KademliaPeer Fail(KademliaLookup lookup)
    {
        KademliaPeer peer = Assert.Single(AskAll(lookup));
        lookup.Failed(peer.Id);
        return peer;
    }
}
