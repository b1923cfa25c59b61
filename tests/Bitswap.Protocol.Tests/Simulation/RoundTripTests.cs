using Bitswap.Protocol.Client;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>
/// How many round trips it takes to get blocks from peers that are far away. The lines carry any number of bytes at once and the stores answer at once, so time is
/// round trips and nothing else. Dialling and handshakes are over before it is counted.
/// </summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _roundTrip = TimeSpan.FromMilliseconds(40);

    [Theory]

    // the first for as many as may be asked for before a size is known, the second for the rest
    [InlineData(1, 0, 1024, 1000, 2, 0)]
    [InlineData(1, 0, 4096, 1000, 2, 0)]
    [InlineData(1, 0, 256 * 1024, 128, 1, 0)]

    // those without the block say so first
    [InlineData(1, 8, 1024, 1000, 3, 32)]
    [InlineData(1, 8, 4096, 1000, 3, 0)]

    // a window of 8 a peer, which grows fourfold
    [InlineData(2, 0, 4096, 1000, 4, 0)]
    [InlineData(2, 8, 4096, 1000, 4, 0)]
    [InlineData(8, 0, 1024, 1000, 3, 32 * 7)]
    [InlineData(8, 0, 4096, 1000, 3, 0)]
    public void Blocks_take_few_round_trips_and_come_once(int providers, int others, int size, int count, int most, int duplicates)
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            var network = new SimNetwork(seed);
            SimNode getter = network.Add(100);
            Block[] blocks = [.. Enumerable.Range(0, count).Select(i => TestData.Block(i, size))];
            for (int i = 1; i <= providers + others; i++)
            {
                SimNode node = network.Add(i);
                if (i <= providers)
                {
                    Array.ForEach(blocks, node.Put);
                }

                network.Connect(getter, node, _roundTrip.TotalSeconds / 2);
                getter.Engine.PeerLatency(node.Id, _roundTrip, network.Now);
            }

            TimeSpan start = network.Now;
            foreach (Block block in blocks)
            {
                getter.Want(block.Cid);
            }

            getter.Drain();
            Assert.True(network.RunUntil(() => getter.Open.Count == 0, TimeSpan.FromMinutes(1)), $"seed {seed}");
            double trips = (network.Now - start) / _roundTrip;
            EngineStat stat = getter.Engine.Stat();
            output.WriteLine($"seed {seed}: {trips:F2} round trips, {stat.WantsSent} wants sent, {stat.DuplicateBlocks} duplicates, {stat.HavesReceived} HAVE, {stat.DontHavesReceived} DONT_HAVE");

            // stores take a little time as well
            Assert.InRange(trips, 0, most + 0.1);
            Assert.InRange(stat.DuplicateBlocks, 0, duplicates);

            // those without a block are asked for what is risked at first, and for word of a part of it
            Assert.InRange(stat.DontHavesReceived, 0, others * (PeerPerformance.FirstWindow + 32 + 8));
        }
    }
}
