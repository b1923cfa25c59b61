using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Protocol;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests;

/// <summary>Clocks that jump by hours: the wall clock, which somebody sets, in both directions, and the one that deadlines go by when a machine has slept.</summary>
public sealed class ClockJumpTests
{
    private const int Rounds = 24;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly MemoryNetwork _network = new(seed: 10);

    [Fact]
    public Task A_wall_clock_that_is_set_by_hours_in_either_direction_changes_nothing() => Seeded.RunAsync(async random =>
    {
        SetClock clock = new();
        await using NodeHost provider = await StartAsync(clock);
        await using NodeHost node = await StartAsync(clock);
        await node.ConnectAsync(provider.Addresses);
        NodeWant waits = await node.WantAsync(Samples.Block(1000).Cid, new WantOptions { Timeout = TimeSpan.FromHours(1) });
        for (int i = 0; i < Rounds; i++)
        {
            clock.Offset = TimeSpan.FromHours(random.Next(-30, 30));
            await MoveAsync(provider, node, i);
        }

        Assert.Equal(NodeWantState.Wanted, waits.State);
        Assert.Equal(provider.PeerId, Assert.Single(node.ConnectedPeers));
        await node.StopAsync().WaitAsync(_patience);
    });

    [Fact]
    public Task After_hours_of_sleep_what_was_due_ends_and_what_was_not_goes_on() => Seeded.RunAsync(async random =>
    {
        FakeTimeProvider clock = new();
        await using NodeHost provider = await StartAsync(clock);
        await using NodeHost node = await StartAsync(clock);
        await node.ConnectAsync(provider.Addresses);
        Block late = Samples.Block(1000);
        NodeWant waits = await node.WantAsync(late.Cid, new WantOptions());
        NodeWant due = await node.WantAsync(Samples.Block(1001).Cid, new WantOptions { Timeout = TimeSpan.FromHours(1) });
        for (int i = 0; i < Rounds; i++)
        {
            await MoveAsync(provider, node, i);
            clock.Advance(TimeSpan.FromHours(random.Next(1, 30)));
        }

        // time goes on after the sleep, and the first of it ends what was due
        await Poll.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(due.Completion.IsCompleted);
        });
        Assert.Equal("Timeout", (await Assert.ThrowsAnyAsync<BitswapException>(() => due.Completion)).ErrorId);
        Assert.Equal(NodeWantState.Wanted, waits.State);
        await Samples.PutAsync(provider, [late]);
        await Poll.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(waits.Completion.IsCompleted);
        });
        await waits.Completion;
        await node.StopAsync().WaitAsync(_patience);
    });

    private static async Task MoveAsync(NodeHost provider, NodeHost node, int i)
    {
        Block block = Samples.Block(i);
        await Samples.PutAsync(provider, [block]);
        Assert.Equal(block.Cid, (await node.GetBlockAsync(block.Cid, new WantOptions()).AsTask().WaitAsync(_patience)).Cid);
    }

    private Task<NodeHost> StartAsync(TimeProvider clock) => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Clock = clock, Seed = 1 });

    /// <summary>The system's clock, as far as somebody has set it otherwise.</summary>
    private sealed class SetClock : TimeProvider
    {
        private long _offset;

        public TimeSpan Offset
        {
            set => Interlocked.Exchange(ref _offset, value.Ticks);
        }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));
    }
}
