namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>Many nodes, bad lines and long times. Each run completes, with few duplicates, within bounds at every moment, and its counters add up.</summary>
public sealed class ScenarioTests(ITestOutputHelper output)
{
    private const double MiB = 1024 * 1024;

    [Fact]
    public void One_seeder_serves_fifty_leechers()
    {
        var network = new SimNetwork(101);
        SimNode seeder = network.Add(1, uploadRate: 40 * MiB);
        Block[] blocks = SwarmTests.Fill(seeder, 40, 64 * 1024);
        SimNode[] leechers = Nodes(network, 2, 50, 20 * MiB);
        foreach (SimNode leecher in leechers)
        {
            network.Connect(seeder, leecher);
        }

        JoinRing(network, leechers, 4);
        Watch(network);
        foreach (SimNode leecher in leechers)
        {
            SwarmTests.WantAll(leecher, blocks);
        }

        // A short batch among peers that know nothing of each other yet. Most of it is on its way from the seeder before anybody has learnt who has anything, and much of that comes
        // from a neighbour first.
        Finish(network, leechers, TimeSpan.FromMinutes(1), mostDuplicates: 0.3);
        Assert.All(leechers, l => Assert.Equal(40, l.Got.Count));
    }

    [Theory]
    [InlineData(111)]
    [InlineData(112)]
    public void A_swarm_of_a_hundred_where_nodes_come_and_go_all_the_time_completes(ulong seed)
    {
        var network = new SimNetwork(seed);
        var random = new Random((int)seed);
        SimNode[] seeders = Nodes(network, 1, 3, 20 * MiB);
        Block[] blocks = [.. Enumerable.Range(0, 20).Select(i => TestData.Block(i, 16 * 1024))];
        foreach (SimNode seeder in seeders)
        {
            Array.ForEach(blocks, seeder.Put);
        }

        SimNode[] swarm = Nodes(network, 10, 97, 5 * MiB);
        foreach (SimNode node in swarm)
        {
            Join(node);
            network.At(network.Now + TimeSpan.FromSeconds(random.NextDouble() * 20), () => SwarmTests.WantAll(node, blocks));
        }

        Watch(network);
        TimeSpan churnEnds = network.Now + TimeSpan.FromSeconds(60);
        network.Every(TimeSpan.FromMilliseconds(200), () =>
        {
            if (network.Now > churnEnds)
            {
                return;
            }

            SimNode node = swarm[random.Next(swarm.Length)];
            foreach (SimNode other in network.Nodes.Where(n => network.AreConnected(node.Id, n.Id)).ToArray())
            {
                network.Disconnect(node, other);
            }

            network.At(network.Now + TimeSpan.FromSeconds(random.NextDouble() * 3), () => Join(node));
        });

        network.RunFor(TimeSpan.FromSeconds(61));
        Finish(network, swarm, TimeSpan.FromMinutes(5), mostDuplicates: 0.05);
        Assert.All(swarm, n => Assert.Equal(20, n.Got.Count));

        void Join(SimNode node)
        {
            Connect(node, seeders[random.Next(seeders.Length)]);
            for (int i = 0; i < 4; i++)
            {
                Connect(node, swarm[random.Next(swarm.Length)]);
            }
        }

        void Connect(SimNode a, SimNode b)
        {
            if (a != b && !network.AreConnected(a.Id, b.Id))
            {
                network.Connect(a, b, 0.005 + (random.NextDouble() * 0.1));
            }
        }
    }

    [Fact]
    public void A_slow_reader_holds_up_nobody_and_little_is_held_for_it()
    {
        double alone = Run(slow: false);
        double beside = Run(slow: true);
        output.WriteLine($"{alone:F3} s without the slow reader, {beside:F3} s beside it");
        Assert.InRange(beside, 0, alone * 1.2);

        double Run(bool slow)
        {
            var network = new SimNetwork(121);
            SimNode seeder = network.Add(1, uploadRate: 20 * MiB);
            Block[] blocks = SwarmTests.Fill(seeder, 400, 64 * 1024);
            SimNode[] readers = Nodes(network, 2, 4, 20 * MiB);
            SimNode slowOne = network.Add(50, downloadRate: 64 * 1024);
            Array.ForEach(readers, r => network.Connect(seeder, r));
            network.Connect(seeder, slowOne);
            Watch(network);
            if (slow)
            {
                SwarmTests.WantAll(slowOne, blocks[..200]);
            }

            TimeSpan start = network.Now;
            foreach (SimNode reader in readers)
            {
                SwarmTests.WantAll(reader, blocks);
            }

            Assert.True(network.RunUntil(() => readers.All(r => r.Open.Count == 0), TimeSpan.FromMinutes(1)), "seed 121");
            double seconds = (network.Now - start).TotalSeconds;
            Assert.True(!slow || slowOne.Open.Count > 100, "the slow reader is not slow");
            Finish(network, [.. readers, slowOne], TimeSpan.FromMinutes(10), mostDuplicates: 0.02);
            return seconds;
        }
    }

    [Fact]
    public void Lines_that_are_ten_times_as_quick_down_as_up_are_filled()
    {
        var network = new SimNetwork(131);
        Block[] blocks = [.. Enumerable.Range(0, 320).Select(i => TestData.Block(i, 32 * 1024))];
        SimNode[] providers = [.. Enumerable.Range(1, 8).Select(i => network.Add(i, uploadRate: 1 * MiB, downloadRate: 10 * MiB))];
        SimNode leecher = network.Add(50, uploadRate: 1 * MiB, downloadRate: 10 * MiB);
        foreach (SimNode provider in providers)
        {
            Array.ForEach(blocks, provider.Put);
            network.Connect(provider, leecher, 0.03);
        }

        Watch(network);
        TimeSpan start = network.Now;
        SwarmTests.WantAll(leecher, blocks);
        Assert.True(network.RunUntil(() => leecher.Open.Count == 0, TimeSpan.FromMinutes(1)), "seed 131");
        double seconds = (network.Now - start).TotalSeconds;
        output.WriteLine($"{seconds:F2} s for 10 MiB up eight lines of 1 MiB/s");
        Assert.InRange(seconds, 1.25, 1.9); // eight lines together need 1.25 s
        Finish(network, [leecher], TimeSpan.FromSeconds(1), mostDuplicates: 0.02);
    }

    [Fact]
    public void Both_sides_of_a_partition_go_on_and_what_was_missing_comes_when_it_heals()
    {
        var network = new SimNetwork(141);
        SimNode seeder = network.Add(1, uploadRate: 4 * MiB);
        Block[] blocks = SwarmTests.Fill(seeder, 400, 32 * 1024);
        SimNode[] near = Nodes(network, 2, 5, 20 * MiB);
        SimNode[] far = Nodes(network, 20, 5, 20 * MiB);
        SimNode[] all = [seeder, .. near, .. far];
        Join(all);
        Watch(network);
        foreach (SimNode leecher in all[1..])
        {
            SwarmTests.WantAll(leecher, blocks);
        }

        network.RunFor(TimeSpan.FromSeconds(2));
        foreach (SimNode a in all[..6])
        {
            foreach (SimNode b in far)
            {
                network.Disconnect(a, b);
            }
        }

        Assert.True(network.RunUntil(() => near.All(n => n.Open.Count == 0), TimeSpan.FromMinutes(2)), "seed 141: the seeder's side");
        network.RunFor(TimeSpan.FromMinutes(5)); // ten times that wants are repeated
        Assert.All(far, f => Assert.NotEmpty(f.Open));

        // All that the far side has between it, all of it has.
        Multihash[] there = [.. far.SelectMany(f => f.Store.Keys).Distinct()];
        Assert.All(far, f => Assert.Equal(there.Length, f.Store.Count));
        Assert.All(far, f => Assert.Equal(4, f.Engine.Peers().Count));

        Join(all);
        Finish(network, all[1..], TimeSpan.FromMinutes(2), mostDuplicates: 0.05);
        Assert.All(far, f => Assert.Equal(400, f.Got.Count));
    }

    [Fact]
    public void Two_hundred_nodes_live_for_three_hours_and_old_wants_are_answered_at_last()
    {
        var network = new SimNetwork(151);
        var random = new Random(151);
        SimNode[] nodes = Nodes(network, 1, 200, 10 * MiB);
        JoinRing(network, nodes, 2);
        Block late = TestData.Block(999_999, 5000);
        for (int i = 10; i < 200; i += 10)
        {
            nodes[i].Want(late.Cid, session: 7);
            nodes[i].Drain();
        }

        int number = 0;
        network.Every(TimeSpan.FromSeconds(20), () =>
        {
            if (number == 500)
            {
                return;
            }

            int at = random.Next(nodes.Length);
            Block block = TestData.Block(number++, 4000);
            nodes[at].Add(block);
            nodes[(at + 1) % nodes.Length].Want(block.Cid, session: number % 5);
            nodes[(at + 1) % nodes.Length].Drain();
        });
        network.Every(TimeSpan.FromMinutes(10), () => SimChecks.Bounded(network));

        network.RunFor(TimeSpan.FromHours(3));
        Assert.Equal(500, nodes.Sum(n => n.Got.Count));
        Assert.Equal(19, nodes.Sum(n => n.Open.Count));
        for (int i = 9; i < 200; i += 10)
        {
            nodes[i].Add(late);
        }

        Finish(network, nodes, TimeSpan.FromMinutes(1), mostDuplicates: 0.02);
        Assert.Equal(519, nodes.Sum(n => n.Got.Count));
    }

    private void Finish(SimNetwork network, SimNode[] wanting, TimeSpan limit, double mostDuplicates)
    {
        TimeSpan start = network.Now;
        Assert.True(
            network.RunUntil(() => wanting.All(n => n.Open.Count == 0), limit),
            $"seed {network.Seed}: {wanting.Sum(n => n.Open.Count)} wants are open");
        network.RunFor(TimeSpan.FromSeconds(10)); // what is under way, comes
        long duplicates = network.Nodes.Sum(n => n.Engine.Stat().DuplicateBlocks);
        long received = network.Nodes.Sum(n => n.Engine.Stat().BlocksReceived);
        output.WriteLine($"seed {network.Seed}: {(network.Now - start).TotalSeconds:F1} s to the end, {received} blocks, {duplicates} duplicates, {network.Nodes.Sum(n => n.Engine.Stat().WantsMoved)} moved, {network.Nodes.Sum(n => n.Engine.Stat().SimulatedDontHaves)} simulated");
        Assert.InRange(duplicates, 0, (long)(received * mostDuplicates));
        Assert.Equal(0, network.Nodes.Sum(n => n.Engine.Stat().UnwantedBlocks));
        Assert.All(network.Nodes, n => Assert.Empty(n.Drops));
        SimChecks.Bounded(network);
        SimChecks.CountersAddUp(network);
        SimChecks.NothingIsLeft(network);
    }

    private static void Watch(SimNetwork network) => network.Every(TimeSpan.FromMilliseconds(500), () => SimChecks.Bounded(network));

    private static SimNode[] Nodes(SimNetwork network, int first, int count, double uploadRate) =>
        [.. Enumerable.Range(first, count).Select(i => network.Add(i, uploadRate: uploadRate))];

    /// <summary>Connects each to all others.</summary>
    private static void Join(SimNode[] nodes) => JoinRing(nodes[0].Network, nodes, nodes.Length / 2);

    /// <summary>Connects each to so many after it, in a ring.</summary>
    private static void JoinRing(SimNetwork network, SimNode[] nodes, int neighbours)
    {
        for (int i = 0; i < nodes.Length; i++)
        {
            for (int k = 1; k <= neighbours; k++)
            {
                SimNode other = nodes[(i + k) % nodes.Length];
                if (!network.AreConnected(nodes[i].Id, other.Id))
                {
                    network.Connect(nodes[i], other);
                }
            }
        }
    }
}
