namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>Peers that say HAVE to everything and send no block cost a fetch a moment, and not its speed.</summary>
public sealed class LiarTests(ITestOutputHelper output)
{
    private const double MiB = 1024 * 1024;
    private const int Batch = 64;
    private const int Batches = 16;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(8, 0)]
    [InlineData(40, 0)]
    [InlineData(1, 1 << 20)]
    [InlineData(8, 1 << 20)]
    [InlineData(40, 1 << 20)]
    public void Batches_that_liars_say_they_have_come_from_the_honest_peer(int liars, int pendingBytes)
    {
        (TimeSpan first, TimeSpan others) alone = Run(0, 0);
        (TimeSpan first, TimeSpan others) = Run(liars, pendingBytes);
        output.WriteLine($"first batch {first.TotalSeconds:F3} s, alone {alone.first.TotalSeconds:F3} s; the others {others.TotalSeconds:F3} s, alone {alone.others.TotalSeconds:F3} s");
        Assert.InRange(first, TimeSpan.Zero, alone.first + TimeSpan.FromSeconds(8));
        // what there is to learn of each of many liars is not learnt in the first batch
        Assert.InRange(others, TimeSpan.Zero, (alone.others * 1.25) + TimeSpan.FromMilliseconds(50 * liars));
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(8, 1 << 20)]
    public void Block_after_block_it_is_the_honest_peer_that_is_asked(int liars, int pendingBytes)
    {
        (SimNetwork network, Block[] blocks, SimNode leecher) = World(liars, pendingBytes, 200, 4096);
        List<double> times = [];
        for (int i = 0; i < blocks.Length; i++)
        {
            times.Add(Fetch(network, leecher, blocks.AsSpan(i, 1), i + 1).TotalSeconds);
        }

        output.WriteLine($"the first {string.Join(' ', times.Take(20).Select(time => $"{time:F2}"))}; the slowest of the last hundred {times.Skip(100).Max():F3} s");
        Assert.InRange(times.Sum(), 0, 30);
        Assert.InRange(times.Skip(100).Order().ElementAt(90), 0, 0.3);
    }

    private static (TimeSpan First, TimeSpan Others) Run(int liars, int pendingBytes)
    {
        (SimNetwork network, Block[] blocks, SimNode leecher) = World(liars, pendingBytes, Batch * Batches, 64 * 1024);
        TimeSpan first = Fetch(network, leecher, blocks.AsSpan(0, Batch), 1);
        TimeSpan others = TimeSpan.Zero;
        for (int i = 1; i < Batches; i++)
        {
            others += Fetch(network, leecher, blocks.AsSpan(i * Batch, Batch), i + 1);
        }

        return (first, others);
    }

    private static (SimNetwork Network, Block[] Blocks, SimNode Leecher) World(int liars, int pendingBytes, int count, int size)
    {
        var network = new SimNetwork(7);
        SimNode seeder = network.Add(1, uploadRate: 40 * MiB);
        SimNode leecher = network.Add(2, uploadRate: 40 * MiB);
        Block[] blocks = SwarmTests.Fill(seeder, count, size);
        network.Connect(seeder, leecher);
        for (int i = 0; i < liars; i++)
        {
            SimNode liar = network.Add(100 + i, uploadRate: 40 * MiB);
            Array.ForEach(blocks, liar.Put);
            liar.Tamper = message => new BitswapMessage
            {
                Wantlist = message.Wantlist,
                Presences = [.. message.Presences, .. message.Blocks.Select(block => new BlockPresence(block.Cid, PresenceType.Have))],
                PendingBytes = pendingBytes,
            };
            network.Connect(liar, leecher);
        }

        return (network, blocks, leecher);
    }

    private static TimeSpan Fetch(SimNetwork network, SimNode leecher, ReadOnlySpan<Block> blocks, long session)
    {
        TimeSpan start = network.Now;
        int expected = leecher.Got.Count + blocks.Length;
        foreach (Block block in blocks)
        {
            leecher.Want(block.Cid, session);
        }

        leecher.Drain();
        network.RunUntil(() => leecher.Got.Count == expected, TimeSpan.FromMinutes(2));
        Assert.Equal(expected, leecher.Got.Count);
        return network.Now - start;
    }
}
