using Bitswap.Node.Networks.Http;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>The order in which one gateway is asked, and when it is left alone.</summary>
public sealed class GatewayQueueTests
{
    private readonly Cid[] _cids = [.. Samples.Blocks(6).Select(block => block.Cid)];
    private readonly GatewayQueue _queue = new(capacity: 4);

    [Fact]
    public async Task The_most_important_is_next_and_of_equals_the_first()
    {
        _queue.TryAdd(new WantlistEntry(_cids[0]));
        _queue.TryAdd(new WantlistEntry(_cids[1]));
        _queue.TryAdd(new WantlistEntry(_cids[2], Priority: 9));
        Assert.Equal([_cids[2], _cids[0], _cids[1]], [(await TakeAsync()).Cid, (await TakeAsync()).Cid, (await TakeAsync()).Cid]);
    }

    [Fact]
    public async Task What_is_withdrawn_is_not_taken_and_makes_room()
    {
        foreach (Cid cid in _cids[..4])
        {
            Assert.True(_queue.TryAdd(new WantlistEntry(cid)));
        }

        Assert.False(_queue.TryAdd(new WantlistEntry(_cids[4])));
        Task room = _queue.WaitForRoomAsync(default);
        Assert.False(room.IsCompleted);
        _queue.Cancel(_cids[0]);
        await room;
        Assert.True(_queue.TryAdd(new WantlistEntry(_cids[4])));
        Assert.Equal(_cids[1], (await TakeAsync()).Cid);
    }

    [Fact]
    public async Task One_that_is_asked_for_is_given_up_when_it_is_withdrawn_and_not_put_back()
    {
        _queue.TryAdd(new WantlistEntry(_cids[0]));
        GatewayWant want = await TakeAsync();
        _queue.CancelAllBut(new HashSet<Cid> { _cids[1] });
        Assert.True(want.Token.IsCancellationRequested);
        _queue.PutBack(want);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task A_want_told_again_changes_what_waits_and_not_what_is_asked_for()
    {
        _queue.TryAdd(new WantlistEntry(_cids[0], Type: WantType.Have));
        _queue.TryAdd(new WantlistEntry(_cids[0], Type: WantType.Block));
        GatewayWant want = await TakeAsync();
        Assert.Equal(WantType.Block, want.Type);
        _queue.TryAdd(new WantlistEntry(_cids[0], Type: WantType.Block));
        _queue.Done(want);
        Assert.Equal(0, _queue.Count);
    }

    [Fact]
    public async Task A_block_that_is_wanted_while_word_of_it_is_asked_for_is_next()
    {
        _queue.TryAdd(new WantlistEntry(_cids[0], Type: WantType.Have));
        GatewayWant word = await TakeAsync();
        _queue.TryAdd(new WantlistEntry(_cids[0], Type: WantType.Block));
        Assert.Equal(WantType.Have, word.Type);
        _queue.Done(word);
        Assert.Equal(WantType.Block, (await TakeAsync()).Type);
    }

    [Fact]
    public async Task A_turn_that_is_left_over_gives_nothing()
    {
        _queue.TryAdd(new WantlistEntry(_cids[0]));
        _queue.TryAdd(new WantlistEntry(_cids[0], Priority: 3));
        await TakeAsync();
        ValueTask<GatewayWant> next = _queue.TakeAsync(default);
        Assert.False(next.IsCompleted);
        _queue.TryAdd(new WantlistEntry(_cids[1]));
        Assert.Equal(_cids[1], (await next.AsTask().WaitAsync(TimeSpan.FromSeconds(30))).Cid);
    }

    [Fact]
    public void Pauses_grow_with_failures_in_a_row_up_to_a_bound_and_an_answer_ends_the_row()
    {
        FakeTimeProvider clock = new();
        GatewayHealth health = new(new HttpRetrievalOptions { MaxGatewayFailures = 3, MaxGatewayPause = TimeSpan.FromSeconds(3) }, clock);
        Assert.False(health.Failed(clock.GetTimestamp(), "it answered 500"));
        Assert.Equal((TimeSpan.FromSeconds(1), "it answered 500"), health.Pause);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, health.Pause.Left);
        Assert.False(health.Failed(clock.GetTimestamp(), "again"));
        Assert.Equal(TimeSpan.FromSeconds(2), health.Pause.Left);
        Assert.True(health.Failed(clock.GetTimestamp(), "and again"));
        Assert.Equal(TimeSpan.FromSeconds(3), health.Pause.Left);
        clock.Advance(TimeSpan.FromSeconds(3));
        health.Answered();
        Assert.False(health.Failed(clock.GetTimestamp(), "once"));
        Assert.Equal(TimeSpan.FromSeconds(1), health.Pause.Left);
    }

    [Fact]
    public void Requests_that_were_under_way_together_fail_as_one()
    {
        FakeTimeProvider clock = new();
        GatewayHealth health = new(new HttpRetrievalOptions { MaxGatewayFailures = 2 }, clock);
        long begun = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 8; i++)
        {
            Assert.False(health.Failed(begun, "refused"));
        }

        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(health.Failed(clock.GetTimestamp(), "refused"));
    }

    [Fact]
    public void One_that_is_busy_is_left_alone_as_long_as_it_says_and_not_for_ever()
    {
        FakeTimeProvider clock = new();
        GatewayHealth health = new(new HttpRetrievalOptions(), clock);
        health.Busy(TimeSpan.FromSeconds(20), "busy");
        health.Busy(null, "for a moment");
        Assert.Equal((TimeSpan.FromSeconds(20), "busy"), health.Pause);
        health.Busy(TimeSpan.FromDays(1), "busy for a day");
        Assert.Equal(TimeSpan.FromMinutes(1), health.Pause.Left);
        clock.Advance(TimeSpan.FromMinutes(1));
        health.Busy(TimeSpan.Zero, "now");
        Assert.Equal(TimeSpan.FromSeconds(1), health.Pause.Left);
    }

    [Fact]
    public void One_that_has_nothing_is_let_go()
    {
        GatewayHealth health = new(new HttpRetrievalOptions(), TimeProvider.System);
        for (int i = 1; i < GatewayHealth.MaxMissing; i++)
        {
            Assert.False(health.Missed());
        }

        Assert.True(health.Missed());
        health.Answered();
        Assert.False(health.Missed());
    }

    private Task<GatewayWant> TakeAsync() => _queue.TakeAsync(default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
}
