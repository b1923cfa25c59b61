namespace Bitswap.Protocol.Tests.Boxo;

/// <summary>What boxo's tests of its message queue and its DONT_HAVE timeouts name, in words of our own. That wants go out after a delay is not among it: they go at once.</summary>
public sealed class MessageQueueTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);

    private readonly EngineDriver _driver = new();

    [Fact]
    public void A_want_takes_the_place_of_a_cancel_that_was_not_told_yet()
    {
        _driver.Connect(_a);
        Cid[] cids = [.. Enumerable.Range(0, 3).Select(i => TestData.Block(i).Cid)];
        long[] wants = [.. cids.Select(c => _driver.Want(c))];

        // Two messages are on their way: what comes now waits. (While the line is idle the cancel goes at once, and the want after it.)
        _driver.HoldSends = true;
        _driver.Want(TestData.Absent(1));
        _driver.Want(TestData.Absent(2));
        _driver.TakeSent(_a);
        Array.ForEach(wants, _driver.Cancel);
        _driver.Want(cids[0]);
        Assert.Empty(_driver.TakeSent(_a));
        _driver.ReleaseSends();

        List<WantlistEntry> entries = _driver.TakeEntries(_a);
        Assert.Equal(cids[1..].Order(), entries.Where(e => e.Cancel).Select(e => e.Cid).Order());
        Assert.Equal(cids[0], Assert.Single(entries, e => !e.Cancel).Cid);
    }

    [Fact]
    public void A_want_that_replaced_a_cancel_is_withdrawn_when_it_ends_before_it_is_told()
    {
        var driver = new EngineDriver { HoldSends = true };
        driver.Connect(_a);
        Cid cid = TestData.Block(1).Cid;
        long first = driver.Want(cid);
        driver.Want(TestData.Block(2).Cid);
        Assert.Equal(2, driver.TakeSent(_a).Count); // as many as may be under way
        driver.Cancel(first);
        driver.Cancel(driver.Want(cid));
        Assert.Empty(driver.TakeSent(_a));

        driver.ReleaseSends();
        Assert.Equal(new WantlistEntry(cid, 0, Cancel: true), Assert.Single(driver.TakeEntries(_a)));
    }

    [Fact]
    public void A_cancel_that_could_not_be_sent_is_made_good_by_an_empty_full_wantlist()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        long id = driver.Want(TestData.Block(1).Cid);
        driver.TakeSent(_a);
        driver.HoldSends = true;
        driver.Cancel(id);
        Assert.True(Assert.Single(driver.TakeEntries(_a)).Cancel);
        driver.ReleaseSends(ok: false);
        Assert.Empty(driver.TakeSent(_a));
        driver.Advance(driver.Engine.Options.SendRetryDelay);

        BitswapMessage again = Assert.Single(driver.TakeSent(_a));
        Assert.True(again.Full);
        Assert.Empty(again.Wantlist);
    }

    [Fact]
    public void A_want_that_is_told_is_not_told_twice_however_many_want_it()
    {
        _driver.Connect(_a);
        for (int i = 0; i < 5; i++)
        {
            _driver.Want(TestData.Block(1).Cid, session: i);
        }

        Assert.Single(_driver.TakeEntries(_a));
        Assert.Equal(1, _driver.Engine.Stat().WantsSent);
    }

    [Fact]
    public void Only_the_first_of_several_answers_is_timed()
    {
        _driver.Connect(_a);
        _driver.Want(TestData.Block(1).Cid);
        _driver.Advance(TimeSpan.FromMilliseconds(10));
        _driver.ReceiveDontHave(_a, TestData.Block(1).Cid);
        _driver.Advance(TimeSpan.FromMilliseconds(500));
        _driver.ReceiveDontHave(_a, TestData.Block(1).Cid);
        Assert.Equal(TimeSpan.FromMilliseconds(10), _driver.Engine.Peers()[0].Latency);
        Assert.Equal(1, _driver.Engine.Stat().AnswerLatency.Count);
    }

    [Fact]
    public void An_answer_that_took_more_than_thirty_seconds_says_nothing_about_the_next()
    {
        var driver = new EngineDriver(new EngineOptions { ResendInterval = TimeSpan.FromHours(1) });
        driver.Connect(_a);
        driver.Want(TestData.Block(1).Cid);
        driver.Want(TestData.Block(2).Cid);
        driver.Advance(TimeSpan.FromSeconds(1));
        driver.ReceiveBlocks(_a, TestData.Block(1));
        driver.Advance(TimeSpan.FromSeconds(40));
        driver.ReceiveBlocks(_a, TestData.Block(2));
        Assert.Equal(TimeSpan.FromSeconds(1), driver.Engine.Peers()[0].Latency);
        Assert.Equal(2, driver.Received.Count());
    }

    [Fact]
    public void A_want_that_was_withdrawn_is_no_silence_when_its_time_is_up()
    {
        _driver.Connect(_a);
        _driver.Cancel(_driver.Want(TestData.Block(1).Cid));
        _driver.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _driver.Engine.Stat().SimulatedDontHaves);
    }

    [Fact]
    public void A_want_that_was_withdrawn_and_told_again_has_its_whole_time_anew()
    {
        _driver.Connect(_a);
        long first = _driver.Want(TestData.Block(1).Cid);
        _driver.Advance(TimeSpan.FromSeconds(4));
        _driver.Cancel(first);
        _driver.Want(TestData.Block(1).Cid);
        _driver.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, _driver.Engine.Stat().SimulatedDontHaves);
        _driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, _driver.Engine.Stat().SimulatedDontHaves);
    }

    [Theory]
    [InlineData(BitswapVersion.V100)]
    [InlineData(BitswapVersion.V110)]
    public void The_silence_of_a_peer_that_cannot_say_no_is_a_no_too(BitswapVersion version)
    {
        _driver.Connect(_a, version);
        _driver.Want(TestData.Block(1).Cid);
        _driver.Connect(_b);
        _driver.TakeSent(_b);
        _driver.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Equal(1, _driver.Engine.Stat().SimulatedDontHaves);
        Assert.Single(_driver.TakeEntries(_b), e => e.Type == WantType.Block);
    }

    [Fact]
    public void Nothing_times_out_for_a_peer_that_has_gone()
    {
        _driver.Connect(_a);
        _driver.Want(TestData.Block(1).Cid);
        _driver.Disconnect(_a);
        _driver.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _driver.Engine.Stat().SimulatedDontHaves);
    }

    [Fact]
    public void A_long_wantlist_goes_out_in_messages_of_a_bounded_length_and_all_of_it_does()
    {
        var driver = new EngineDriver(new EngineOptions { MaxWantMessageEntries = 100, MaxRequestedBytes = 1024 * 1024 * 1024 });
        driver.Connect(_a);
        for (int i = 0; i < 950; i++)
        {
            driver.Want(TestData.Absent(i), run: false);
        }

        driver.Run();
        List<BitswapMessage> messages = driver.TakeSent(_a);
        Assert.All(messages, m => Assert.InRange(m.Wantlist.Count, 1, 100));
        Assert.Equal(950, messages.Sum(m => m.Wantlist.Count));
    }
}
