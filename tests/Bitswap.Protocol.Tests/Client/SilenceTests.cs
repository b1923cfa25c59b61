namespace Bitswap.Protocol.Tests.Client;

public sealed class SilenceTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly EngineDriver _driver = new();
    private readonly Block _block = TestData.Block(1, 5000);

    [Fact]
    public void Before_any_measurement_five_seconds_of_silence_move_the_want_on()
    {
        _driver.Connect(_a, BitswapVersion.V110);
        _driver.Want(_block.Cid);
        _driver.Connect(_b, BitswapVersion.V110);
        _driver.TakeSent(_a);

        _driver.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Empty(_driver.TakeSent(_b));
        _driver.Advance(TimeSpan.FromSeconds(4.2));

        Assert.Equal(WantType.Block, Assert.Single(_driver.TakeEntries(_b)).Type);
    }

    [Theory]
    [InlineData(0.1, 2.3)]
    [InlineData(1, 5)]
    [InlineData(10, 7)]
    public void After_a_ping_it_is_two_seconds_and_three_round_trips_within_bounds(double roundTrip, double expected)
    {
        _driver.Connect(_a);
        _driver.Engine.PeerLatency(_a, TimeSpan.FromSeconds(roundTrip), _driver.Now);
        _driver.Want(_block.Cid);

        _driver.Advance(TimeSpan.FromSeconds(expected - 0.01));
        Assert.Equal(0, _driver.Engine.Stat().SimulatedDontHaves);
        _driver.Advance(TimeSpan.FromSeconds(0.02));
        Assert.Equal(1, _driver.Engine.Stat().SimulatedDontHaves);
    }

    [Theory]
    [InlineData(0.001, 0.05)]
    [InlineData(0.4, 0.8)]
    [InlineData(6, 7)]
    public void After_answers_it_is_twice_their_mean_time_within_bounds(double answer, double expected)
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.Advance(TimeSpan.FromSeconds(answer));
        _driver.ReceiveBlocks(_a, _block);
        long before = _driver.Engine.Stat().SimulatedDontHaves;
        _driver.Want(TestData.Block(2).Cid);

        _driver.Advance(TimeSpan.FromSeconds(expected - 0.001));
        Assert.Equal(before, _driver.Engine.Stat().SimulatedDontHaves);
        _driver.Advance(TimeSpan.FromSeconds(0.002));
        Assert.Equal(before + 1, _driver.Engine.Stat().SimulatedDontHaves);
    }

    [Fact]
    public void A_peer_that_is_busy_with_other_wants_is_not_silent()
    {
        _driver.Connect(_a);
        Block[] blocks = [.. Enumerable.Range(0, 30).Select(i => TestData.Block(i))];
        foreach (Block block in blocks)
        {
            _driver.Want(block.Cid, failFast: true);
        }

        foreach (Block block in blocks)
        {
            _driver.Advance(TimeSpan.FromSeconds(3));
            _driver.ReceiveBlocks(_a, block);
        }

        Assert.Equal(0, _driver.Engine.Stat().SimulatedDontHaves);
        Assert.Equal(30, _driver.Received.Count());
    }

    [Fact]
    public void A_HAVE_in_answer_to_WANT_BLOCK_ends_the_silence_of_its_peer()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.Want(TestData.Block(2).Cid);
        _driver.Advance(TimeSpan.FromSeconds(3));

        _driver.ReceiveHave(_a, TestData.Block(2).Cid);

        _driver.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, _driver.Engine.Stat().SimulatedDontHaves);
        _driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.NotEqual(0, _driver.Engine.Stat().SimulatedDontHaves);
    }

    [Fact]
    public void A_want_that_was_passed_over_while_everything_after_it_was_answered_is_given_up()
    {
        var driver = new EngineDriver(new EngineOptions { MaxOutstandingWants = 8 });
        driver.Connect(_a);
        long lost = driver.Want(TestData.Block(9999).Cid, failFast: true);
        for (int i = 0; i < 100 && driver.Engine.Stat().SimulatedDontHaves == 0; i++)
        {
            Block block = TestData.Block(i);
            driver.Want(block.Cid);
            driver.Advance(TimeSpan.FromSeconds(1));
            driver.ReceiveBlocks(_a, block);
        }

        Assert.Equal(1, driver.Engine.Stat().SimulatedDontHaves);
        Assert.DoesNotContain(lost, driver.Received);
    }

    [Fact]
    public void Bytes_of_a_block_on_its_way_are_no_silence()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid, failFast: true);
        for (int i = 0; i < 60; i++)
        {
            _driver.Advance(TimeSpan.FromSeconds(1));
            _driver.Engine.PeerActivity(_a, _driver.Now);
        }

        Assert.Equal(0, _driver.Engine.Stat().SimulatedDontHaves);
        _driver.ReceiveBlocks(_a, _block);
        Assert.Single(_driver.Received);
    }

    [Fact]
    public void A_late_block_still_counts()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.Advance(TimeSpan.FromMinutes(10));

        _driver.ReceiveBlocks(_a, _block);

        Assert.Single(_driver.Received);
    }

    [Fact]
    public void An_unanswered_want_is_told_afresh_after_thirty_seconds()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.TakeSent(_a);

        _driver.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Empty(_driver.TakeSent(_a));
        _driver.Advance(TimeSpan.FromSeconds(0.2));

        // in one message both would be one entry to many peers
        List<BitswapMessage> again = _driver.TakeSent(_a);
        Assert.Equal([true, false], again.Select(message => Assert.Single(message.Wantlist).Cancel));
        Assert.All(again, message => Assert.Equal((_block.Cid, false), (message.Wantlist[0].Cid, message.Full)));
        Assert.Equal((WantType.Block, true), (again[1].Wantlist[0].Type, again[1].Wantlist[0].SendDontHave));
        Assert.Equal((1, 1), (_driver.Engine.Stat().WantsResent, _driver.Engine.Stat().CancelsSent));
    }

    [Theory]
    [InlineData(WantType.Block)]
    [InlineData(WantType.Have)]
    public void A_peer_that_heeds_no_want_that_it_has_in_its_list_answers_the_next(WantType type)
    {
        // as boxo and Helia do: the first want was lost on their side, and they hold it still
        _driver.Connect(_a);
        long id = _driver.Want(_block.Cid, type: type, failFast: true);
        var list = new HashSet<Cid>();
        bool swallowed = false;
        for (int i = 0; i < 70 && !_driver.Received.Any() && !_driver.Haves.Any(); i++)
        {
            foreach (WantlistEntry entry in _driver.TakeEntries(_a))
            {
                if (entry.Cancel)
                {
                    Assert.True(list.Remove(entry.Cid));
                }
                else if (list.Add(entry.Cid) && swallowed)
                {
                    _driver.ReceiveBlocks(_a, _block);
                }

                swallowed = true;
            }

            _driver.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(id, Assert.Single(type == WantType.Block ? _driver.Received : _driver.Haves.Select(have => have.WantId)));
        Assert.InRange((_driver.Now - TimeSpan.FromSeconds(100)).TotalSeconds, 30, 32);
    }

    [Fact]
    public void A_peer_that_is_at_work_on_others_keeps_the_want_and_is_only_told_again()
    {
        // withdrawn, it would be the last in the peer's queue each time
        _driver.Connect(_a);
        _driver.Engine.PeerLatency(_a, TimeSpan.FromMilliseconds(1), _driver.Now);
        _driver.Want(_block.Cid);
        Block[] others = [.. Enumerable.Range(2, 30).Select(i => TestData.Block(i, 5000))];
        foreach (Block block in others)
        {
            _driver.Want(block.Cid);
        }

        _driver.TakeSent(_a);
        var entries = new List<WantlistEntry>();
        foreach (Block block in others)
        {
            // later than it is waited for
            _driver.Advance(TimeSpan.FromSeconds(3));
            _driver.ReceiveBlocks(_a, block);
            entries.AddRange(_driver.TakeEntries(_a));
        }

        Assert.True(_driver.Engine.Stat().SimulatedDontHaves > 0);
        Assert.DoesNotContain(entries, entry => entry.Cancel);
        Assert.Equal(3, entries.Count(entry => entry.Cid.Equals(_block.Cid)));
        _driver.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal([true, false], _driver.TakeEntries(_a).Select(entry => entry.Cancel));
    }

    [Fact]
    public void A_want_that_was_passed_over_is_told_afresh_though_the_peer_is_at_work()
    {
        var driver = new EngineDriver(new EngineOptions { MaxOutstandingWants = 8 });
        driver.Connect(_a);
        driver.Want(_block.Cid);
        for (int i = 0; i < 40; i++)
        {
            Block block = TestData.Block(100 + i);
            driver.Want(block.Cid);
            driver.Advance(TimeSpan.FromSeconds(1));
            driver.ReceiveBlocks(_a, block);
        }

        Assert.Equal([false, true, false], driver.TakeEntries(_a).Where(entry => entry.Cid.Equals(_block.Cid)).Select(entry => entry.Cancel));
    }

    [Fact]
    public void A_new_caller_has_a_silent_peer_asked_as_if_it_had_not_been()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.Advance(TimeSpan.FromSeconds(10));
        _driver.TakeSent(_a);

        _driver.Want(_block.Cid);

        Assert.Equal([true, false], _driver.TakeSent(_a).Select(message => Assert.Single(message.Wantlist).Cancel));
    }

    [Fact]
    public void A_want_that_came_again_is_withdrawn_between_only_where_the_peer_was_silent()
    {
        var driver = new EngineDriver(new EngineOptions { MaxWantMessagesInFlight = 1 });
        driver.Connect(_a);
        Block other = TestData.Block(2);
        long silent = driver.Want(_block.Cid);
        driver.Advance(TimeSpan.FromSeconds(10));
        long asked = driver.Want(other.Cid);
        driver.HoldSends = true;
        driver.Want(TestData.Block(3).Cid);
        driver.TakeSent(_a);

        // all in the time that one message takes
        driver.Cancel(silent);
        driver.Cancel(asked);
        driver.Want(_block.Cid);
        driver.Want(other.Cid);
        driver.HoldSends = false;
        driver.ReleaseSends();

        WantlistEntry[] told = [.. driver.TakeEntries(_a)];
        Assert.Equal([true, false], told.Where(entry => entry.Cid.Equals(_block.Cid)).Select(entry => entry.Cancel));
        Assert.DoesNotContain(told, entry => entry.Cid.Equals(other.Cid) && entry.Cancel);
    }

    [Fact]
    public void A_cancelled_want_is_never_told_again()
    {
        _driver.Connect(_a);
        long id = _driver.Want(_block.Cid);
        _driver.Advance(TimeSpan.FromSeconds(10));
        _driver.Cancel(id);
        _driver.TakeSent(_a);

        _driver.Advance(TimeSpan.FromHours(1));

        Assert.Empty(_driver.TakeSent(_a));
        Assert.Null(_driver.Engine.NextDeadline);
    }

    [Fact]
    public void A_want_that_stays_is_asked_of_a_peer_that_comes_after_all_others_said_no()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.ReceiveDontHave(_a, _block.Cid);
        Assert.Empty(_driver.Ended);

        _driver.Connect(_b);

        Assert.Equal(WantType.Block, Assert.Single(_driver.TakeEntries(_b)).Type);
    }

    [Fact]
    public void A_peer_that_gets_the_block_after_its_DONT_HAVE_is_asked_again_when_it_says_so()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.ReceiveDontHave(_a, _block.Cid);
        _driver.TakeSent(_a);

        _driver.ReceiveHave(_a, _block.Cid);

        Assert.Equal(WantType.Block, Assert.Single(_driver.TakeEntries(_a)).Type);
    }

    [Fact]
    public void A_new_caller_has_peers_asked_again_that_said_no_before()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.ReceiveDontHave(_a, _block.Cid);
        _driver.TakeSent(_a);

        long id = _driver.Want(_block.Cid, failFast: true);
        Assert.Contains(_driver.TakeEntries(_a), e => !e.Cancel && e.Type == WantType.Block);
        _driver.ReceiveDontHave(_a, _block.Cid);

        Assert.Equal(id, Assert.Single(_driver.Ended).WantId);
        Assert.Equal(1, _driver.Engine.Stat().Subscriptions);
    }

    [Fact]
    public void A_failed_send_becomes_a_full_wantlist_and_the_third_in_a_row_drops_the_peer()
    {
        _driver.HoldSends = true;
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        for (int i = 0; i < 3; i++)
        {
            BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
            Assert.True(message.Full);
            Assert.Equal(_block.Cid, Assert.Single(message.Wantlist).Cid);
            Assert.Empty(_driver.Results);
            _driver.ReleaseSends(ok: false);
            Assert.Empty(_driver.TakeSent(_a));
            _driver.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(_a, Assert.IsType<DropPeer>(Assert.Single(_driver.Results)).Peer);
    }

    [Fact]
    public void Word_that_a_peer_has_a_block_ends_a_want_for_word_and_a_whole_block_does_too()
    {
        _driver.Connect(_a);
        long first = _driver.Want(_block.Cid, type: WantType.Have);
        Assert.Equal(WantType.Have, Assert.Single(_driver.TakeEntries(_a)).Type);
        _driver.ReceiveHave(_a, _block.Cid);
        long second = _driver.Want(TestData.Block(2).Cid, type: WantType.Have);
        _driver.ReceiveBlocks(_a, TestData.Block(2));

        Assert.Equal([first, second], _driver.Haves.Select(h => h.WantId));
        Assert.All(_driver.Haves, h => Assert.Equal(_a, h.From));
        Assert.Empty(_driver.Store);
        Assert.Equal(0, _driver.Engine.Stat().Wants);
    }

    [Fact]
    public void Words_that_nobody_asked_for_change_nothing()
    {
        _driver.Connect(_a);
        _driver.ReceiveHave(_a, _block.Cid);
        _driver.ReceiveDontHave(_a, TestData.Block(2).Cid);

        Assert.Empty(_driver.Engine.Client.Wants.All);
        Assert.Equal((0L, 0L), (_driver.Engine.Stat().HavesReceived, _driver.Engine.Stat().DontHavesReceived));
        Assert.Empty(_driver.TakeSent(_a));
    }

    [Fact]
    public void A_second_copy_is_a_duplicate_an_unknown_block_unwanted_and_neither_is_stored()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid);
        _driver.ReceiveBlocks(_a, _block);
        _driver.ReceiveBlocks(_a, _block, TestData.Block(2));

        EngineStat stat = _driver.Engine.Stat();
        Assert.Equal((1L, 1L, 1L), (stat.BlocksReceived, stat.DuplicateBlocks, stat.UnwantedBlocks));
        Assert.Single(_driver.Store);
    }
}
