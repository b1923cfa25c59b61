namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>Many that give, and many that take, at rates that only their lines set.</summary>
public sealed class CrowdTests(ITestOutputHelper output)
{
    private const double MiB = 1024 * 1024;
    private const double Rate = 20 * MiB;

    [Theory]
    [InlineData(201)]
    [InlineData(202)]
    [InlineData(203)]
    public void Eight_providers_of_which_one_stalls_half_way_give_the_rate_of_seven(ulong seed)
    {
        const int Size = 256 * 1024;
        const int Count = 1600;
        var network = new SimNetwork(seed);
        SimNode getter = network.Add(100);
        Block[] blocks = [.. Enumerable.Range(0, Count).Select(i => TestData.Block(i, Size))];
        SimNode[] providers = [.. Enumerable.Range(1, 8).Select(i => network.Add(i, uploadRate: Rate))];
        foreach (SimNode provider in providers)
        {
            Array.ForEach(blocks, provider.Put);
            network.Connect(getter, provider, 0.01);
            getter.Engine.PeerLatency(provider.Id, TimeSpan.FromSeconds(0.02), network.Now);
        }

        Array.ForEach(blocks, block => getter.Want(block.Cid));
        getter.Drain();
        Assert.True(network.RunUntil(() => getter.Got.Count >= Count / 2, TimeSpan.FromMinutes(1)));
        TimeSpan half = network.Now;
        int before = getter.Got.Count;
        providers[0].IsMute = true;

        TimeSpan longest = TimeSpan.Zero;
        while (getter.Open.Count > 0)
        {
            int got = getter.Got.Count;
            TimeSpan last = network.Now;
            Assert.True(network.RunUntil(() => getter.Got.Count > got, TimeSpan.FromMinutes(1)));
            longest = network.Now - last > longest ? network.Now - last : longest;
        }

        double seconds = (network.Now - half).TotalSeconds;
        double ideal = (Count - before) * (double)Size / (7 * Rate);
        EngineStat stat = getter.Engine.Stat();
        output.WriteLine($"seed {seed}: the second half in {seconds:F2} s, seven alone {ideal:F2} s; longest pause {longest.TotalSeconds:F2} s; {stat.DuplicateBlocks} duplicates, {stat.WantsMoved} moved, {stat.SimulatedDontHaves} simulated");
        Assert.InRange(longest.TotalSeconds, 0, 1);

        // what the silent one was asked for is waited for and fetched at the end
        Assert.InRange(seconds, 0, ideal + 1);
        Assert.InRange(stat.DuplicateBlocks, 0, Count / 50);
    }

    [Theory]
    [InlineData(211)]
    [InlineData(212)]
    public void Sixty_four_getters_share_the_rate_of_one_evenly(ulong seed)
    {
        // twelve turns for each: those that take less than ten end further apart
        const int Size = 16 * 1024;
        const int Turn = 128 * 1024;
        const int Each = 96;
        var network = new SimNetwork(seed);
        SimNode provider = network.Add(1, new EngineOptions { MaxOutstandingReplyBytes = Turn, ReplyTarget = Turn / 4 }, uploadRate: Rate);
        Block[] blocks = SwarmTests.Fill(provider, Each, Size);
        SimNode[] getters = [.. Enumerable.Range(100, 64).Select(i => network.Add(i))];
        foreach (SimNode getter in getters)
        {
            network.Connect(getter, provider, 0.01);
            getter.Engine.PeerLatency(provider.Id, TimeSpan.FromSeconds(0.02), network.Now);
        }

        TimeSpan start = network.Now;
        foreach (SimNode getter in getters)
        {
            Array.ForEach(blocks, block => getter.Want(block.Cid));
            getter.Drain();
        }

        var ends = new Dictionary<PeerId, double>();
        Assert.True(network.RunUntil(
            () =>
            {
                foreach (SimNode getter in getters)
                {
                    if (getter.Open.Count == 0)
                    {
                        ends.TryAdd(getter.Id, (network.Now - start).TotalSeconds);
                    }
                }

                return ends.Count == getters.Length;
            },
            TimeSpan.FromMinutes(2)));
        double ideal = getters.Length * (double)Each * Size / Rate;
        output.WriteLine($"seed {seed}: {ends.Values.Min():F2} to {ends.Values.Max():F2} s, the line alone {ideal:F2} s");
        Assert.InRange(ends.Values.Max(), 0, ideal / 0.9);
        Assert.InRange(ends.Values.Min(), ends.Values.Max() * 0.9, ends.Values.Max());
    }

    [Theory]
    [InlineData(221, 64 * 1024, 640)]
    [InlineData(222, 256 * 1024, 160)]
    public void A_class_of_thirty_takes_most_from_each_other(ulong seed, int size, int count)
    {
        var network = new SimNetwork(seed);
        SimNode seeder = network.Add(1, uploadRate: Rate);
        Block[] blocks = SwarmTests.Fill(seeder, count, size);
        SimNode[] pupils = [.. Enumerable.Range(100, 30).Select(i => network.Add(i, uploadRate: Rate))];
        for (int i = 0; i < pupils.Length; i++)
        {
            network.Connect(pupils[i], seeder, 0.002);
            pupils[i].Engine.PeerLatency(seeder.Id, TimeSpan.FromSeconds(0.004), network.Now);
            for (int j = 0; j < i; j++)
            {
                network.Connect(pupils[i], pupils[j], 0.002);
            }
        }

        TimeSpan start = network.Now;
        foreach (SimNode pupil in pupils)
        {
            Array.ForEach(blocks, block => pupil.Want(block.Cid));
            pupil.Drain();
        }

        Assert.True(network.RunUntil(() => pupils.All(pupil => pupil.Open.Count == 0), TimeSpan.FromMinutes(5)), $"seed {seed}");
        double seconds = (network.Now - start).TotalSeconds;
        double alone = pupils.Length * (double)count * size / Rate;
        int sent = pupils.Sum(pupil => network.Blocks.GetValueOrDefault((seeder.Id, pupil.Id)));
        long duplicates = pupils.Sum(pupil => pupil.Engine.Stat().DuplicateBlocks);
        output.WriteLine($"seed {seed}: {seconds:F2} s, {alone / seconds:F1} times as fast as from the one alone, which sent each block {sent / (double)count:F1} times; {duplicates} of {count * pupils.Length} came twice");
        Assert.InRange(seconds, 0, alone / 8);
        Assert.InRange(sent, count, 4 * count);
        Assert.InRange(duplicates, 0, count * pupils.Length / 20);
        SimChecks.CountersAddUp(network);
    }
}
