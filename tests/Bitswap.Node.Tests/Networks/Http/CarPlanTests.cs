using Bitswap.Dag.Walk;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>What is asked for where a CAR breaks off, and what is known to come.</summary>
public sealed class CarPlanTests
{
    [Fact]
    public async Task What_came_is_awaited_no_more()
    {
        SampleGraph file = await SampleGraph.FileAsync(1, 4_000_000, 1000);
        Dictionary<Cid, Block> blocks = file.Blocks.DistinctBy(block => block.Cid).ToDictionary(block => block.Cid);
        List<Block> order = [];
        await foreach (DagWalkItem item in new DagWalker((cid, _) => ValueTask.FromResult<ReadOnlyMemory<byte>>(blocks[cid].Data)).WalkAsync([file.Root]))
        {
            order.Add(blocks[item.Cid]);
        }

        CarPlan plan = new(new GraphRange(file.Root, GraphScope.All));
        foreach (Block block in order.Take(20))
        {
            Take(plan, block);
        }

        Assert.True(plan.IsAwaited(order[5].Cid.Hash));
        Assert.Equal(18 * 1000, plan.Next()!.From);
        Assert.False(plan.IsAwaited(order[5].Cid.Hash));

        // a block of the file names up to 1024 others, and the root names four
        int max = 0;
        foreach (Block block in order.Skip(20))
        {
            plan.Take(block);
            Assert.True(plan.IsAwaited(block.Cid.Hash));
            plan.Came(block.Cid.Hash);
            Assert.False(plan.IsAwaited(block.Cid.Hash));
            max = Math.Max(max, plan.Awaited);
        }

        Assert.InRange(max, 1000, 1026);
        Assert.Equal(0, plan.Awaited);
    }

    private static void Take(CarPlan plan, Block block)
    {
        plan.Take(block);
        plan.Came(block.Cid.Hash);
        plan.Count(block.Data.Length);
    }
}
