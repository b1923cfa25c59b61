using System.Buffers.Binary;
using System.Globalization;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia.Lookups;

/// <summary>Lookups in a DHT of 20 000 peers, the size of the public one. Each test prints its seed and what it measured.</summary>
public sealed class KademliaModelTests(ITestOutputHelper output)
{
    private const int Lookups = 40;
    private const int Liars = 5;

    // Each answer has the 20 closest of a bucket of 20 or more, so that a hop gains log2(20), or 4.3, bits of log2(20000), or 14.3, on average, and the last are told by
    // neighbours. Half of log2(20000), two bits a hop, leaves room for what chance and the dead cost.
    private const int MostHops = 7;

    // what every lookup did before it had paths, and counted networks
    private static readonly KademliaOptions _before = new() { DisjointPaths = 1, MaxPeersPerNetwork = 256 };
    private static readonly KademliaOptions _options = new();

    [Fact]
    public void The_model_knows_who_is_closest_and_peers_know_their_neighbours() => Seeded.Run(random =>
    {
        KademliaModel model = new(random, 500);
        KademliaKey target = KademliaKey.Of(random.Bytes(34));
        int[] all = [.. Enumerable.Range(0, model.Size).OrderBy(peer => model.KeyOf(peer).DistanceTo(target))];

        Assert.Equal(all[..20], model.Closest(target, 20));
        Assert.Equal(all.Where(peer => peer % 3 == 0).Take(20), model.Closest(target, 20, peer => peer % 3 == 0));
        Assert.Equal(all, model.Closest(target, 500));
        int[] neighbours = model.Closest(model.KeyOf(7), 6);
        Assert.Equal(7, neighbours[0]);
        Assert.Equal(neighbours[1..], model.Answer(7, model.KeyOf(7)).Take(5));
        Assert.Equal(model.Answer(7, target), model.Answer(7, target));
        Assert.Equal(model.Peer(7).Id, model.Peer(model.Find(model.Peer(7).Id)).Id);
    });

    [Theory]
    [InlineData(0, 19.9)]
    [InlineData(0.1, 19)]
    [InlineData(0.3, 18.3)]
    public void Among_20000_peers_the_closest_are_found_in_few_hops_and_not_many_requests(double dead, double closest) => Run(random =>
    {
        KademliaModel model = new(random);
        HashSet<int> gone = [.. Enumerable.Range(0, model.Size).Where(_ => random.NextDouble() < dead)];
        Figures before = new();
        Figures now = new();
        for (int i = 0; i < Lookups; i++)
        {
            KademliaKey target = KademliaKey.Of(random.Bytes(34));
            int[] truth = model.Closest(target, 20, peer => !gone.Contains(peer));
            int[] seeds = [.. random.GetItems([.. Enumerable.Range(0, model.Size).Where(peer => !gone.Contains(peer))], i % 2 == 0 ? 1 : 20)];
            foreach ((KademliaOptions options, Figures figures) in new[] { (_before, before), (_options, now) })
            {
                KademliaModelRun run = new KademliaModelRun(model, options, target, new Random(i)) { IsDead = gone.Contains }.From(seeds.Select(model.Peer));

                figures.Add(run, truth, model);
                Assert.True(run.Lookup.HasConverged);
                Assert.InRange(run.Hops, 2, MostHops);
                Assert.InRange(run.MostWaiting, 1, options.Concurrency);
            }
        }
        output.WriteLine($"dead {dead:P0}, before: {before}");
        output.WriteLine($"dead {dead:P0}, now:    {now}");

        // no answer tells more than the 20 closest, dead or alive: where 6 of them are dead, the last of the 20 living are hardly told of
        Assert.True(now.True >= closest, $"{now.True} of 20 are the closest");
        Assert.True(now.Asked <= 1.5 * before.Asked, $"{now.Asked} requests, and {before.Asked} before");
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_peer_in_twenty_that_leads_to_its_own_names_does_not_hide_the_closest(bool isOneNetwork) => Run(random =>
    {
        KademliaModel model = new(random);
        Figures before = new();
        Figures now = new();
        for (int i = 0; i < Lookups; i++)
        {
            KademliaKey target = KademliaKey.Of(random.Bytes(34));
            HashSet<PeerId> liars = [.. Enumerable.Range(0, model.Size).Where(_ => random.Next(100) < Liars).Select(peer => model.Peer(peer).Id)];
            KademliaPeer[] sybils = Sybils(model, target, 40, isOneNetwork);
            HashSet<PeerId> attackers = [.. liars, .. sybils.Select(sybil => sybil.Id)];
            int[] truth = model.Closest(target, 20, peer => !liars.Contains(model.Peer(peer).Id));
            int[] seeds = random.GetItems([.. Enumerable.Range(0, model.Size)], 20);
            foreach ((KademliaOptions options, Figures figures) in new[] { (_before, before), (_options, now) })
            {
                figures.Add(
                    new KademliaModelRun(model, options, target, new Random(i)) { Lie = peer => attackers.Contains(peer) ? sybils[..20] : null }.From(seeds.Select(model.Peer)),
                    truth,
                    model);
            }
        }
        string of = isOneNetwork ? "one network" : "40 networks";
        output.WriteLine($"sybils of {of}, before: {before}");
        output.WriteLine($"sybils of {of}, now:    {now}");
        Assert.True(now.Reached >= 13, $"{now.Reached} of the 20 closest were asked");
        Assert.True(now.Reached >= before.Reached + 2, $"{now.Reached} of the 20 closest were asked, and {before.Reached} before");
        Assert.True(now.True >= (isOneNetwork ? 13 : 9), $"{now.True} of those found are no sybils");
        Assert.True(now.Hidden <= 0.1, $"{now.Hidden:P0} of the lookups asked none of the closest");
    });

    private static KademliaPeer[] Sybils(KademliaModel model, KademliaKey target, int count, bool isOneNetwork)
    {
        KademliaKey third = model.KeyOf(model.Closest(target, 3)[2]).DistanceTo(target);
        List<KademliaPeer> made = [];
        byte[] name = [0x12, 0x20, .. new byte[32]];
        for (long tries = 0; made.Count < count; tries++)
        {
            BinaryPrimitives.WriteInt64BigEndian(name.AsSpan(2), tries);
            if (KademliaKey.Of(name).DistanceTo(target).CompareTo(third) < 0)
            {
                PeerId id = PeerId.FromBytes(name);
                made.Add(new KademliaPeer(id, [KademliaModel.AddressIn(isOneNetwork ? 19_999 : 19_900 + made.Count, made.Count).WithPeerId(id)]));
            }
        }
        return [.. made.OrderBy(sybil => KademliaKey.Of(sybil.Id).DistanceTo(target))];
    }

    private void Run(Action<Random> test)
    {
        Seeded.Run(random =>
        {
            int seed = random.Next();
            output.WriteLine($"seed {seed}");
            test(new Random(seed));
        });
    }

    /// <summary>What lookups cost and found, on average.</summary>
    private sealed class Figures
    {
        private readonly List<(int Hops, int Asked, int Found, int True, int Reached, double Seconds)> _runs = [];

        public double Asked => _runs.Average(run => run.Asked);

        public double True => _runs.Average(run => run.True);

        public double Reached => _runs.Average(run => run.Reached);

        /// <summary>The part of the lookups that asked none of the closest, and so found no record.</summary>
        public double Hidden => _runs.Count(run => run.Reached == 0) / (double)_runs.Count;

        public void Add(KademliaModelRun run, int[] truth, KademliaModel model) => _runs.Add((
            run.Hops,
            run.Lookup.AskedCount,
            run.Found.Count,
            run.Found.Count(peer => truth.Contains(model.Find(peer.Id))),
            truth.Count(run.Reached.Contains),
            run.Elapsed.TotalSeconds));

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{_runs.Average(run => run.Hops):F1} hops (most {_runs.Max(run => run.Hops)}), {Asked:F1} requests (most {_runs.Max(run => run.Asked)}), "
            + $"{_runs.Average(run => run.Found):F1} found of which {True:F2} of the closest, {Reached:F2} of these asked, none in {Hidden:P0}, {_runs.Average(run => run.Seconds):F1} s");
    }
}
