using Bitswap.Node.Networks.Http;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>What of a CAR is held, and when it is read no further; by a clock of the test.</summary>
public sealed class CarHoldTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _clock = new();
    private readonly Block[] _blocks = Samples.Blocks(8, 100_000);
    private readonly List<WantlistEntry> _back = [];
    private readonly GraphWalk _walk;
    private readonly CarHold _hold;

    public CarHoldTests()
    {
        _walk = new GraphWalks().Begin(new GraphRange(_blocks[0].Cid, GraphScope.All));
        _hold = new CarHold(_walk, new CarPlan(_walk.Range), 300_000, _clock);
        _walk.Tell(_hold);
    }

    [Fact]
    public void A_block_is_given_where_it_is_waited_for_or_on_the_wantlist_and_else_held()
    {
        Assert.False(_hold.TryTake(new WantlistEntry(_blocks[0].Cid), out _));
        _walk.Asking(_blocks[0].Cid);
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[0].Cid), out Block? none));
        Assert.Null(none);
        _walk.Asking(_blocks[1].Cid);
        _walk.Asked(_blocks[1].Cid);
        _walk.Asking(_blocks[2].Cid);

        Assert.True(_hold.Add(_blocks[0], out _));
        Assert.True(_hold.Add(_blocks[1], out _));
        Assert.False(_hold.Add(_blocks[2], out bool isDropped));
        Assert.False(isDropped);

        Assert.True(_hold.Has(_blocks[2].Cid.Hash));
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[2].Cid), out Block? held));
        Assert.Equal(_blocks[2].Cid, held!.Value.Cid);
        Assert.Equal((3, 300_768), (_hold.Given, _hold.Used));

        // A want that was on its way when its block was given is answered by that, once.
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[1].Cid), out none));
        Assert.Null(none);
        Assert.False(_hold.TryTake(new WantlistEntry(_blocks[1].Cid), out _));

        // Given once, it is asked for by a request of its own, and dropped where it comes again.
        Assert.False(_hold.TryTake(new WantlistEntry(_blocks[2].Cid), out _));
        Assert.False(_hold.Add(_blocks[2], out isDropped));
        Assert.True(isDropped);
    }

    [Fact]
    public async Task Without_room_it_is_read_no_further_until_what_was_given_is_stored_or_what_is_held_came_from_elsewhere()
    {
        _walk.Asking(_blocks[0].Cid);
        _walk.Asked(_blocks[0].Cid);
        Assert.True(_hold.Add(_blocks[0], out _));
        Add(1, 2);
        Task<string?> waiting = WaitAsync().AsTask();
        Assert.False(waiting.IsCompleted);

        _hold.Release(_blocks[0]);
        Assert.Null(await waiting.WaitAsync(_patience));

        Add(3);
        waiting = WaitAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        _walk.Over(_blocks[1].Cid, came: true);
        Assert.Null(await waiting.WaitAsync(_patience));
        Assert.False(_hold.Has(_blocks[1].Cid.Hash));
        Assert.InRange(_hold.InMemory, 200_000, 201_000);
    }

    [Fact]
    public async Task Wants_that_wait_for_what_is_too_far_on_are_handed_back()
    {
        Add(0, 1, 2);
        _walk.Asking(_blocks[6].Cid);
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[6].Cid), out _));
        Task<string?> waiting = WaitAsync().AsTask();
        Assert.Empty(_back);

        await AdvanceUntilAsync(() => _back.Count == 1, waiting);
        _walk.Asking(_blocks[7].Cid);
        Assert.False(_hold.TryTake(new WantlistEntry(_blocks[7].Cid), out _));

        // What is held is given all the same: the walk has come to it, and what follows is waited for again.
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[1].Cid), out Block? held));
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[7].Cid), out _));
        Assert.False(waiting.IsCompleted);
        _hold.Release(held!.Value);
        Assert.Null(await waiting.WaitAsync(_patience));
    }

    [Fact]
    public async Task One_of_which_nothing_is_taken_for_long_is_left()
    {
        Add(0, 1, 2);
        Task<string?> waiting = WaitAsync().AsTask();
        long begun = _clock.GetTimestamp();

        await AdvanceUntilAsync(() => waiting.IsCompleted, waiting);

        Assert.Equal("its CAR holds much that the walk has left", await waiting);
        Assert.InRange(_clock.GetElapsedTime(begun), CarHold.LeaveTime, CarHold.LeaveTime * 2);
        _hold.End(keep: false);
        Assert.Equal(0, _hold.InMemory);
    }

    [Fact]
    public async Task One_that_does_not_begin_with_the_root_is_left_as_soon_as_there_is_no_room()
    {
        _walk.Asking(_blocks[0].Cid);
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[0].Cid), out _));
        Add(1, 2, 3);
        Task<string?> waiting = WaitAsync().AsTask();
        long begun = _clock.GetTimestamp();

        await AdvanceUntilAsync(() => waiting.IsCompleted, waiting);

        Assert.Equal("its CAR does not begin with the root", await waiting);
        Assert.InRange(_clock.GetElapsedTime(begun), CarHold.StallTime, CarHold.LeaveTime / 2);
        Assert.Equal([_blocks[0].Cid], [.. _back.Concat(_hold.End(keep: false)).Select(entry => entry.Cid)]);
    }

    [Fact]
    public void Blocks_that_are_there_already_end_it_when_they_are_most_of_it()
    {
        Block large = Samples.Block(9, 1 << 20);
        _walk.Over(large.Cid, came: true);
        for (int i = 1; i <= 16; i++)
        {
            Assert.False(_hold.Add(large, out _));
            Assert.False(_hold.WasteOf(i << 20) > 0);
        }

        Assert.True(_hold.WasteOf((16 << 20) + 1) > 0);
        Add(1);
        Assert.False(_hold.WasteOf((16 << 20) + 1) > 0);
    }

    [Fact]
    public void What_was_of_use_of_one_CAR_is_no_excuse_for_the_next()
    {
        const long Free = 16 << 20;
        const long Size = 100_256;
        _hold.ReadsOn();
        _walk.Asking(_blocks[0].Cid);
        _walk.Asked(_blocks[0].Cid);
        Assert.True(_hold.Add(_blocks[0], out _));
        Add(1, 2);
        Assert.Equal(0, _hold.WasteOf(Free + (4 * Size)));

        _hold.ReadsOn();
        Assert.Equal(1, _hold.WasteOf(Free + 1));

        // what the first brought is taken now, or comes from elsewhere
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[1].Cid), out Block? held));
        Assert.NotNull(held);
        _walk.Over(_blocks[2].Cid, came: true);
        Assert.Equal(1, _hold.WasteOf(Free + 1));

        Add(3, 4);
        Assert.Equal(0, _hold.WasteOf(Free + (2 * Size)));
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[3].Cid), out _));
        _walk.Over(_blocks[4].Cid, came: true);
        Assert.Equal(0, _hold.WasteOf(Free + (2 * Size)));
    }

    [Fact]
    public void Wants_do_not_wait_for_a_CAR_that_goes_on_and_brings_nothing_of_use()
    {
        _walk.Asking(_blocks[0].Cid);
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[0].Cid), out _));
        _clock.Advance(CarHold.IdleTime - TimeSpan.FromSeconds(1));
        Assert.Empty(_hold.TakeOverdue());

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(_blocks[0].Cid, Assert.Single(_hold.TakeOverdue()).Cid);
        Assert.False(_hold.TryTake(new WantlistEntry(_blocks[0].Cid), out _));

        Add(1);
        Assert.Equal(TimeSpan.Zero, _hold.Idle);
        Assert.True(_hold.TryTake(new WantlistEntry(_blocks[0].Cid), out _));
    }

    private void Add(params int[] indexes)
    {
        foreach (int i in indexes)
        {
            Assert.False(_hold.Add(_blocks[i], out _));
        }
    }

    private ValueTask<string?> WaitAsync() => _hold.WaitForRoomAsync(
        entries =>
        {
            lock (_back)
            {
                _back.AddRange(entries);
            }
        },
        default);

    // What waits looks again at each step of the clock, on a thread of its own.
    private async Task AdvanceUntilAsync(Func<bool> isDone, Task waiting)
    {
        for (int i = 0; i < 2000 && !isDone(); i++)
        {
            _clock.Advance(CarHold.StallTime / 10);
            await Task.WhenAny(waiting, Task.Delay(2));
        }

        Assert.True(isDone());
    }
}
