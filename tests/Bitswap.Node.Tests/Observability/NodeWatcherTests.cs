using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Observability;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Observability;

public sealed class NodeWatcherTests
{
    private static readonly DateTimeOffset _time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task What_does_not_fit_is_dropped_and_counted_and_what_was_read_makes_room()
    {
        NodeWatcher watcher = new(ObservationKinds.All, room: 16);
        for (int i = 0; i < 20; i++)
        {
            watcher.Observe(new LossObservation(_time, i));
        }

        Assert.Equal(4, watcher.Dropped);
        Assert.True(await watcher.WaitAsync());
        Assert.True(watcher.TryRead(out NodeObservation? first));
        Assert.Equal(0, ((LossObservation)first).Count);
        watcher.Observe(new LossObservation(_time, 20));
        watcher.Observe(new LossObservation(_time, 21));
        Assert.Equal(5, watcher.Dropped);
    }

    [Fact]
    public void A_message_takes_room_by_what_it_holds_and_one_of_any_size_fits_an_empty_queue()
    {
        NodeWatcher watcher = new(ObservationKinds.All, room: 16);
        WantlistEntry[] entries = [.. Samples.Blocks(40, 10).Select(block => new WantlistEntry(block.Cid, 1, false, WantType.Block, true))];
        MessageObservation message = new(_time, PeerOf(1), false, 0, false, entries, [], [], 0);
        Assert.Equal(41, message.Weight);

        watcher.Observe(message);
        watcher.Observe(new LossObservation(_time, 1));

        Assert.Equal(1, watcher.Dropped);
        Assert.True(watcher.TryRead(out NodeObservation? got));
        Assert.Same(message, got);
        Assert.False(watcher.TryRead(out _));
    }

    [Theory]
    [InlineData(15)]
    [InlineData((16 << 20) + 1)]
    public void A_room_out_of_range_is_refused(int room) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new NodeWatcher(ObservationKinds.All, room));

    [Fact]
    public async Task An_observer_that_throws_hears_no_more_and_the_node_lives_on()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = new MemoryNetwork(1).CreatePeer() });
        ThrowingObserver observer = new();
        node.Watch(observer);

        await node.WantAsync(Samples.Block(1).Cid, new WantOptions());
        await node.WantAsync(Samples.Block(2).Cid, new WantOptions());
        await node.GetStatAsync();

        Assert.Equal(1, observer.Heard);
        Assert.True(observer.IsCompleted);
        Assert.True(node.IsRunning);
    }

    [Fact]
    public async Task A_watcher_ends_with_the_node_and_one_that_comes_later_ends_at_once()
    {
        NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = new MemoryNetwork(1).CreatePeer() });
        NodeWatcher watcher = new(ObservationKinds.Wants);
        node.Watch(watcher);
        NodeWant want = await node.WantAsync(Samples.Block(1).Cid, new WantOptions());

        await node.DisposeAsync();

        List<NodeObservation> seen = [];
        while (await watcher.WaitAsync())
        {
            while (watcher.TryRead(out NodeObservation? observation))
            {
                seen.Add(observation);
            }
        }

        Assert.Equal(want.Id, Assert.IsType<WantObservation>(seen[0]).WantId);
        Assert.Equal("NodeStopped", Assert.IsType<WantEndObservation>(seen[1]).Outcome);
        Assert.Equal(2, seen.Count);
        NodeWatcher late = new(ObservationKinds.All);
        node.Watch(late);
        Assert.False(await late.WaitAsync());
    }

    private static PeerId PeerOf(byte seed) => Libp2p.Crypto.PrivateKey.FromSeed([.. Enumerable.Repeat(seed, 32)]).PeerId;

    private sealed class ThrowingObserver() : NodeObserver(ObservationKinds.Wants)
    {
        public int Heard { get; private set; }

        public bool IsCompleted { get; private set; }

        public override void Observe(NodeObservation observation)
        {
            Heard++;
            throw new InvalidOperationException("an observer of anyone's");
        }

        public override void Complete() => IsCompleted = true;
    }
}
