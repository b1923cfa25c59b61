using Bitswap.Node.Networks;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Peers;
using Bitswap.Node.Tests.Support;
using Bitswap.Protocol;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Peers;

/// <summary>Long messages of all peers together take so much memory and no more, and nobody keeps it from those that use it. The clock stands unless a test moves it.</summary>
public sealed class FrameRoomTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _time = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryNetwork _network = new(seed: 6);

    [Fact]
    public async Task Newcomers_get_half_of_the_room_and_peers_that_exchange_blocks_the_rest()
    {
        FrameRoom room = new(100, _clock);
        FrameArrival first = await room.Open().EnterAsync(50, _time, default);
        Task<FrameArrival> newcomer = room.Open().EnterAsync(10, _time, default).AsTask();
        Assert.False(newcomer.IsCompleted);
        Assert.False(room.IsShort);

        FrameRoom.Share known = room.Open();
        known.IsKnown();
        FrameArrival ofKnown = await known.EnterAsync(50, _time, default);
        Assert.Equal(100, room.Held);
        FrameRoom.Share another = room.Open();
        another.IsKnown();
        Task<FrameArrival> waiting = another.EnterAsync(10, _time, default).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.True(room.IsShort);

        ofKnown.Dispose();
        await waiting.WaitAsync(_patience);
        Assert.False(newcomer.IsCompleted);
        (await waiting).Dispose();
        first.Dispose();
        (await newcomer.WaitAsync(_patience)).Dispose();
        Assert.Equal(0, room.Held);
    }

    [Fact]
    public async Task While_others_wait_the_frame_that_comes_slowest_gives_way_and_only_one_a_second()
    {
        FrameRoom room = new(200, _clock);
        FrameRoom.Share slow = room.Open();
        FrameArrival slower = await slow.EnterAsync(60, _time, default);
        FrameArrival slowest = await room.Open().EnterAsync(60, _time, default);
        slower.Arrived(10);
        slowest.Arrived(1);
        Task<FrameArrival> waiting = room.Open().EnterAsync(60, _time, default).AsTask();

        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(slowest.IsLate);
        });
        Assert.True(slowest.Token.IsCancellationRequested);
        Assert.InRange(slowest.Age, TimeSpan.FromSeconds(2), _time);
        Assert.False(slower.IsLate);

        slowest.Dispose();
        (await waiting.WaitAsync(_patience)).Dispose();
        slower.Dispose();
    }

    [Fact]
    public async Task A_frame_that_is_not_whole_in_its_time_is_late_and_one_that_is_whole_never()
    {
        FrameRoom room = new(100, _clock);
        FrameRoom.Share share = room.Open();
        FrameArrival late = await share.EnterAsync(10, _time, default);
        FrameArrival whole = await share.EnterAsync(10, _time, default);
        whole.IsWhole();

        _clock.Advance(_time);

        Assert.True(late.IsLate);
        Assert.True(late.Token.IsCancellationRequested);
        Assert.False(whole.IsLate);
        Assert.Equal(20, room.Held);
        late.Dispose();
        late.Dispose();
        whole.Dispose();
        Assert.Equal(0, room.Held);
    }

    [Fact]
    public async Task Messages_that_stop_half_way_keep_no_block_out_and_end_in_their_time()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Clock = _clock, MaxFrameBytes = 8 << 20, Seed = 1 });
        await using RawPeer attacker = await RawPeer.StartAsync(_network.CreatePeer());
        await attacker.ConnectAsync(node);
        List<IByteStream> halves = [];
        foreach (int _ in Enumerable.Range(0, 8))
        {
            // all but the end of 4 MiB is said to come, and 32 KiB does
            IByteStream half = await attacker.OpenAsync(node);
            await half.WriteAsync((byte[])[0x80, 0x80, 0x80, 0x02, .. new byte[32 << 10]], default);
            halves.Add(half);
        }

        // one that took a block before
        Block block = Samples.Block(1, size: 300 << 10);
        Block taken = Samples.Block(2);
        await Samples.PutAsync(node, [taken]);
        await using RawPeer honest = await RawPeer.StartAsync(_network.CreatePeer());
        await honest.ConnectAsync(node);
        await honest.SendAsync(node, new BitswapMessage { Wantlist = [new WantlistEntry(taken.Cid)] });
        Assert.Single((await honest.ReceiveAsync()).Blocks);
        NodeWant want = Assert.Single(await node.WantAsync([block.Cid], new WantOptions(), default));
        await honest.SendAsync(node, new BitswapMessage { Blocks = [block] });
        await want.Completion.WaitAsync(_patience);

        foreach (IByteStream half in halves)
        {
            Task ended = EndedAsync(half);
            await Poll.UntilAsync(() =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(ended.IsCompleted);
            });
            await half.DisposeAsync();
        }

        static async Task EndedAsync(IByteStream half)
        {
            try
            {
                Assert.Equal(0, await half.ReadAsync(new byte[1], default));
            }
            catch (Exception reset) when (reset is IOException or BitswapException)
            {
                // which is how it ends
            }
        }
    }

    [Fact]
    public async Task Blocks_that_nobody_asked_for_are_read_no_faster_than_the_rate_pays_for()
    {
        const int rate = 1024;
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Clock = _clock, PeerEntryRate = rate, Seed = 1 });
        await using RawPeer attacker = await RawPeer.StartAsync(_network.CreatePeer());
        await attacker.ConnectAsync(node);

        // at once so much as a second pays for, 256 KiB, and one more
        int sent = 0;
        for (; sent < 5; sent++)
        {
            await attacker.SendAsync(node, new BitswapMessage { Blocks = [Samples.Block(sent, size: 64 << 10)] });
            await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.UnwantedBlocks > sent);
        }

        Task more = attacker.SendAsync(node, new BitswapMessage { Blocks = [Samples.Block(sent, size: 64 << 10)] });
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(sent, (await node.GetStatAsync()).Engine.UnwantedBlocks);
        }

        await Poll.UntilAsync(async () =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            return (await node.GetStatAsync()).Engine.UnwantedBlocks > sent;
        });
        await more.WaitAsync(_patience);
    }

    [Fact]
    public void The_memory_of_a_frame_is_used_again_unless_a_block_in_it_is_kept()
    {
        FrameMemory memory = new();
        MessageOptions options = new() { Protocols = [], Memory = memory };
        byte[] array = memory.Rent(1000);
        FramedMessage message = new(array, isDetached: true, options, room: null);
        message.AddUser();
        message.Done();
        Assert.NotSame(array, memory.Rent(1000));
        message.Done();
        Assert.Same(array, memory.Rent(1000));

        FramedMessage kept = new(array, isDetached: true, options, room: null);
        kept.Keep();
        kept.Done();
        Assert.NotSame(array, memory.Rent(1000));
    }
}
