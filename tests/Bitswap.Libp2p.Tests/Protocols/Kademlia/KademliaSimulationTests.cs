using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaSimulationTests
{
    private const int Size = 1000;
    private const int Times = 8;

    // log2(1000), by which every answer brings at least one bit more
    private const int MostRounds = 10;

    private static readonly KademliaOptions _options = new();

    [Fact]
    public void Among_a_thousand_peers_the_closest_are_found_in_few_rounds() => Seeded.Run(Times, random =>
    {
        SimulatedDht dht = new(random, _options, Size);
        dht.Provide();

        KademliaLookup lookup = dht.Run(dht.Peers[0]);

        Assert.True(lookup.HasConverged);
        Assert.InRange(dht.Rounds, 1, MostRounds);
        Assert.InRange(lookup.AskedCount, 1, 100);
        Assert.Equal(dht.Closest(_options.Resiliency), lookup.Closest(_options.Resiliency).Select(peer => peer.Id));
        Assert.True(lookup.Closest(20).Select(peer => peer.Id).Intersect(dht.Closest(20)).Count() >= 17);
        Assert.True(dht.Providing.Count >= 17);
        Assert.True(dht.MostWaiting <= _options.Concurrency);
    });

    [Fact]
    public void A_third_of_the_peers_dead_costs_time_and_no_provider() => Seeded.Run(Times, random =>
    {
        SimulatedDht dht = new(random, _options, Size, dead: 0.3);
        dht.Provide();

        KademliaLookup lookup = dht.Run([.. dht.Peers.Where(peer => !dht.IsDead(peer)).Take(3)]);

        Assert.True(lookup.HasConverged);
        Assert.InRange(dht.Rounds, 1, MostRounds);
        Assert.True(dht.Providing.Count >= 8, $"{dht.Providing.Count} of the living among the 20 closest were asked");
        Assert.DoesNotContain(lookup.Closest(20), peer => dht.IsDead(peer.Id));
        Assert.InRange(dht.Clock.GetUtcNow() - dht.Clock.Start, TimeSpan.Zero, TimeSpan.FromMinutes(2));
    });

    [Fact]
    public void Many_who_know_only_each_other_and_themselves_end_it_all_the_same() => Seeded.Run(Times, random =>
    {
        SimulatedDht dht = new(random, _options, Size);
        PeerId[] ring = dht.Peers[..30];
        dht.Lie = peer => [peer, ring[(Array.IndexOf(ring, peer) + 1) % ring.Length], dht.Self];

        KademliaLookup lookup = dht.Run(ring[0]);

        Assert.InRange(lookup.AskedCount, 3, 30);
        Assert.DoesNotContain(lookup.Closest(30), peer => peer.Id.Equals(dht.Self));
    });

    [Fact]
    public void One_who_makes_up_ever_closer_peers_is_followed_no_further_than_the_limits() => Seeded.Run(Times, random =>
    {
        KademliaOptions options = _options with { MaxPeersAsked = 100, MaxPeersKnown = 150 };
        SimulatedDht dht = new(random, options, Size);
        HashSet<PeerId> sybils = [dht.Peers[0]];
        dht.Lie = peer =>
        {
            if (!sybils.Contains(peer))
            {
                return null;
            }
            // the best of many names, as one has who makes them up for one target
            PeerId[] made = [.. Enumerable.Range(0, 400).Select(_ => KademliaPeers.Id(random)).OrderBy(id => KademliaKey.Of(id).DistanceTo(dht.Target)).Take(20)];
            sybils.UnionWith(made);
            return made;
        };

        KademliaLookup lookup = dht.Run(dht.Peers[0]);

        Assert.InRange(lookup.AskedCount, 1, 100);
        Assert.InRange(lookup.KnownCount, 1, 150);
        Assert.True(lookup.IsDone);
    });

    [Fact]
    public void A_flood_of_names_that_nobody_answers_to_does_not_hide_the_network() => Seeded.Run(Times, random =>
    {
        SimulatedDht dht = new(random, _options, Size);
        PeerId[] liars = [.. dht.Peers.Except(dht.Closest(200)).Take(5)];
        dht.Provide();
        dht.Lie = peer => liars.Contains(peer) ? [.. Enumerable.Range(0, 20).Select(_ => KademliaPeers.Id(random))] : null;

        KademliaLookup lookup = dht.Run([.. liars, dht.Peers.Except(liars).First()]);

        Assert.True(lookup.HasConverged);
        Assert.True(dht.Providing.Count >= 15, $"{dht.Providing.Count} of the 20 closest were asked");
    });
}
