using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>Many keys told with few lookups, in networks of numbers.</summary>
public sealed class ProvideSweepTests(ITestOutputHelper output)
{
    private const int BucketSize = 20;

    // the goal: under one lookup for so many keys
    private const int KeysPerLookup = 20;

    [Theory]
    [InlineData(5_000)]
    [InlineData(20_000)]
    public void A_hundred_thousand_keys_take_few_lookups_and_each_comes_to_the_20_peers_closest_to_it(int size) => Seeded.Run(random =>
    {
        ModelNetwork network = new(random, size);
        ProvideKeys keys = Keys(random, 100_000);

        network.Run(new ProvideSweep(keys, BucketSize));

        output.WriteLine($"{size} peers: {network.Lookups} lookups, one for {keys.Count / (double)network.Lookups:0.0} keys");
        Assert.Equal(100_000, network.Told.Count);
        Assert.InRange(network.Lookups, 1, (keys.Count / KeysPerLookup) - 1);
        Assert.All(network.Told.Values, told => Assert.Equal(BucketSize, told.Distinct().Count()));
        Assert.All(network.Hits(keys), hits => Assert.Equal(BucketSize, hits));
    });

    [Fact]
    public void With_lookups_that_ask_peer_after_peer_each_key_comes_to_18_of_the_20_closest() => Seeded.Run(random =>
    {
        const int Size = 5_000;
        KademliaOptions options = new();
        IterativeNetwork asked = new(random, options, Size);
        ModelNetwork network = new(asked.Peers);
        network.Finds = asked.Lookup;
        ProvideKeys keys = Keys(random, 20_000);

        network.Run(new ProvideSweep(keys, BucketSize));

        int[] hits = [.. network.Hits(keys)];
        output.WriteLine($"{network.Lookups} lookups, one for {keys.Count / (double)network.Lookups:0.0} keys; of 20: mean {hits.Average():0.00}, least {hits.Min()}, under 18: {hits.Count(hit => hit < 18)}");
        Assert.InRange(network.Lookups, 1, (keys.Count / KeysPerLookup) - 1);
        Assert.True(hits.Average() >= 19, $"the mean is {hits.Average()}");
        Assert.True(hits.Count(hit => hit >= 18) >= keys.Count * 0.99, $"{hits.Count(hit => hit < 18)} keys came to fewer than 18");
    });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(2_000)]
    public void Few_keys_never_take_more_than_a_lookup_each_beside_one_for_two(int count) => Seeded.Run(5, random =>
    {
        ModelNetwork network = new(random, 5_000);
        ProvideKeys keys = Keys(random, count);

        network.Run(new ProvideSweep(keys, BucketSize));

        Assert.InRange(network.Lookups, 1, count + (count / 2));
        Assert.All(network.Hits(keys), hits => Assert.Equal(BucketSize, hits));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(19)]
    public void In_a_network_of_fewer_peers_than_keep_a_record_one_lookup_is_enough_and_all_are_told_of_all(int size) => Seeded.Run(random =>
    {
        ModelNetwork network = new(random, size);
        ProvideKeys keys = Keys(random, 10_000);

        network.Run(new ProvideSweep(keys, BucketSize));

        Assert.Equal(1, network.Lookups);
        Assert.All(network.Told.Values, told => Assert.Equal(size, told.Distinct().Count()));
        Assert.Equal(ProvideSweep.MaxKeysPerRegion, network.LargestRegion);
    });

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(40)]
    [InlineData(100)]
    public void A_small_network_is_no_special_case(int size) => Seeded.Run(5, random =>
    {
        ModelNetwork network = new(random, size);
        ProvideKeys keys = Keys(random, 5_000);

        network.Run(new ProvideSweep(keys, BucketSize));

        Assert.InRange(network.Lookups, 1, size);
        Assert.All(network.Hits(keys), hits => Assert.Equal(BucketSize, hits));
    });

    [Fact]
    public void A_lookup_that_did_not_come_to_its_end_says_nothing_of_other_keys() => Seeded.Run(random =>
    {
        ModelNetwork network = new(random, 1_000);
        network.Finds = key => new KademliaClosest([.. network.Closest(KademliaKey.Of(key), 5)], false);
        ProvideKeys keys = Keys(random, 300);

        network.Run(new ProvideSweep(keys, BucketSize));

        Assert.Equal(300, network.Lookups);
        Assert.All(network.Hits(keys, 5), hits => Assert.Equal(5, hits));
    });

    [Fact]
    public void A_lookup_that_fails_costs_one_key() => Seeded.Run(random =>
    {
        ModelNetwork network = new(random, 1_000);
        ProvideKeys keys = Keys(random, 3_000);
        ProvideSweep sweep = new(keys, BucketSize);

        byte[] first = sweep.Skip();
        network.Run(sweep);

        Assert.Equal(keys.KeyAt(0), first);
        Assert.Equal(2_999, network.Told.Count);
        Assert.DoesNotContain(Convert.ToHexString(first), network.Told.Keys);
        Assert.Throws<InvalidOperationException>(() => sweep.Skip());
        Assert.Throws<InvalidOperationException>(() => sweep.Learn([], true));
    });

    [Fact]
    public void A_lookup_that_fails_within_a_branch_costs_one_key_and_the_pass_goes_on() => Seeded.Run(random =>
    {
        ModelNetwork network = new(random, 1_000);
        ProvideKeys keys = Keys(random, 3_000);
        ProvideSweep sweep = new(keys, BucketSize);
        sweep.Learn([.. network.Closest(KademliaKey.Of(keys.KeyAt(0)), BucketSize)], true);
        Assert.Null(sweep.TryTake());

        Assert.Equal(keys.KeyAt(0), sweep.Skip());
        network.Run(sweep);

        Assert.Equal(2_999, network.Told.Count);
    });

    [Fact]
    public void A_lookup_that_finds_no_peer_leaves_a_key_that_is_told_to_none()
    {
        ProvideKeys keys = new(10);
        keys.Add(Hash(1));
        keys.Sort();
        ProvideSweep sweep = new(keys, BucketSize);

        sweep.Learn([], true);

        SweepRegion region = sweep.TryTake()!;
        Assert.Equal(Hash(1), Assert.Single(region.Keys));
        Assert.Empty(region.Shares);
        Assert.True(sweep.IsDone);
    }

    [Fact]
    public void Ten_thousand_ids_that_were_made_for_one_branch_cost_a_bounded_number_of_lookups() => Seeded.Run(random =>
    {
        // all of the made ones begin with 8 bits of zero
        PeerId[] made = [.. Ids(random).Where(id => KademliaKey.Of(id).First >> 56 == 0).Take(2_000)];
        ModelNetwork network = new(made.Concat(Ids(random).Take(1_000)));
        ProvideKeys keys = Keys(random, 10_000);

        network.Run(new ProvideSweep(keys, BucketSize));

        Assert.InRange(network.Lookups, 1, (keys.Count / KeysPerLookup) - 1);
        Assert.All(network.Hits(keys), hits => Assert.Equal(BucketSize, hits));
    });

    [Fact]
    public void A_part_of_the_space_is_told_and_what_lies_in_its_last_branch_and_no_key_before_it() => Seeded.Run(random =>
    {
        ModelNetwork network = new(random, 1_000);
        ProvideKeys keys = Keys(random, 20_000);
        (ulong start, ulong end) = (0x4000_0000_0000_0000, 0x47FF_FFFF_FFFF_FFFF);
        ProvideSweep sweep = new(keys, BucketSize, start, end);

        network.Run(sweep);

        Assert.True(sweep.CoveredTo >= end);
        for (int i = 0; i < keys.Count; i++)
        {
            ulong place = keys.PlaceAt(i);
            Assert.Equal(place >= start && place <= sweep.CoveredTo, network.Told.ContainsKey(Convert.ToHexString(keys.KeyAt(i))));
        }
    });

    [Fact]
    public void No_key_behind_the_limit_is_told() => Seeded.Run(random =>
    {
        ModelNetwork network = new(random, 15);
        ProvideKeys keys = Keys(random, 20_000);
        (ulong end, ulong limit) = (0x4000_0000_0000_0000, 0x5FFF_FFFF_FFFF_FFFF);
        ProvideSweep sweep = new(keys, BucketSize, 0, end, limit);

        network.Run(sweep);

        Assert.Equal((limit, keys.FirstAfter(limit)), (sweep.CoveredTo, network.Told.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProvideSweep(keys, BucketSize, 0, end, end - 1));
    });

    [Fact]
    public void A_part_without_keys_needs_no_lookup()
    {
        ProvideKeys keys = new(10);
        keys.Add(Hash(1));
        keys.Sort();
        ulong place = keys.PlaceAt(0);

        ProvideSweep before = new(keys, BucketSize, 0, place - 1);
        ProvideSweep after = new(keys, BucketSize, place + 1);

        Assert.True(before.IsDone && before.Target is null && before.CoveredTo == place - 1);
        Assert.True(after.IsDone && after.CoveredTo == ulong.MaxValue);
        Assert.False(new ProvideSweep(keys, BucketSize, place, place).IsDone);
    }

    private static IEnumerable<PeerId> Ids(Random random)
    {
        while (true)
        {
            yield return KademliaPeers.Id(random);
        }
    }

    private static byte[] Hash(int number) => Multihash.Compute(MultihashCode.Sha256, BitConverter.GetBytes(number)).ToByteArray();

    private static ProvideKeys Keys(Random random, int count)
    {
        ProvideKeys keys = new(count);
        for (int i = 0; i < count; i++)
        {
            keys.Add([0x12, 0x20, .. random.Bytes(32)]);
        }
        keys.Sort();
        return keys;
    }
}
