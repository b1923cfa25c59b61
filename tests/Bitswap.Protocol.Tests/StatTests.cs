namespace Bitswap.Protocol.Tests;

/// <summary>What the engine counts and measures.</summary>
public sealed class StatTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);

    [Fact]
    public void The_time_from_a_want_to_its_block_is_measured_for_blocks_that_peers_sent()
    {
        var driver = new EngineDriver();
        driver.Store[TestData.Block(9).Cid.Hash] = TestData.Block(9).Data;
        driver.Want(TestData.Block(9).Cid);
        driver.Connect(_a);
        for (int i = 0; i < 3; i++)
        {
            driver.Want(TestData.Block(i).Cid);
        }

        for (int i = 0; i < 3; i++)
        {
            driver.Advance(TimeSpan.FromMilliseconds(100));
            driver.ReceiveBlocks(_a, TestData.Block(i, 100));
        }

        EngineStat stat = driver.Engine.Stat();
        Assert.Equal((3L, 0.3), (stat.WantLatency.Count, stat.WantLatency.Max));
        Assert.InRange(stat.WantLatency.P50, 0.2 * 7 / 8, 0.2 * 9 / 8);
        Assert.Equal(0.6, stat.WantLatency.Sum, 6);
    }

    [Fact]
    public void The_answers_of_peers_are_timed_from_when_they_were_told_and_silence_is_none()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        driver.Connect(_b);
        driver.Want(TestData.Block(1).Cid);
        PeerId asked = driver.TakeEntries(_a)[0].Type == WantType.Block ? _a : _b;
        PeerId other = asked.Equals(_a) ? _b : _a;
        driver.Advance(TimeSpan.FromMilliseconds(20));
        driver.ReceiveHave(other, TestData.Block(1).Cid);
        driver.Advance(TimeSpan.FromMilliseconds(20));
        driver.ReceiveDontHave(asked, TestData.Block(1).Cid);
        driver.Advance(TimeSpan.FromSeconds(30));

        Distribution answers = driver.Engine.Stat().AnswerLatency;
        Assert.Equal((2L, 0.04), (answers.Count, answers.Max));
    }

    [Fact]
    public void Sizes_of_blocks_and_times_of_sending_are_counted_as_they_are()
    {
        var driver = new EngineDriver();
        Block here = TestData.Block(1, 5000);
        driver.Store[here.Cid.Hash] = here.Data;
        driver.Connect(_a);
        driver.HoldSends = true;
        driver.ReceiveWants(_a, new WantlistEntry(here.Cid));
        driver.Advance(TimeSpan.FromMilliseconds(250));
        driver.ReleaseSends();
        driver.HoldSends = false;
        driver.Want(TestData.Block(2, 300).Cid);
        driver.ReceiveBlocks(_a, TestData.Block(2, 300));
        driver.ReceiveBlocks(_a, TestData.Block(2, 300), TestData.Block(3, 70_000));

        EngineStat stat = driver.Engine.Stat();
        Assert.Equal((1L, 5000d), (stat.SentBlockSizes.Count, stat.SentBlockSizes.Sum));
        Assert.Equal((3L, 70_600d), (stat.ReceivedBlockSizes.Count, stat.ReceivedBlockSizes.Sum));
        Assert.Equal((1L, 300d), (stat.DuplicateBlockSizes.Count, stat.DuplicateBlockSizes.Sum));
        Assert.Equal(stat.ReceivedBlockSizes.Count, stat.BlocksReceived + stat.DuplicateBlocks + stat.UnwantedBlocks);
        Assert.Equal((stat.MessagesSent, 0.25), (stat.SendTimes.Count, stat.SendTimes.Max));
        Assert.Equal((1L, 1L), (stat.WantlistsSent, stat.WantlistsReceived));
    }

    [Fact]
    public void A_stat_stays_as_it_was_when_the_engine_counts_on()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        EngineStat before = driver.Engine.Stat();
        driver.ReceiveBlocks(_a, TestData.Block(1));
        Assert.Equal((0L, 1L), (before.MessagesReceived, driver.Engine.Stat().MessagesReceived));
    }

    [Fact]
    public void Queue_depths_show_what_waits_where()
    {
        var driver = new EngineDriver(new EngineOptions { MaxOutstandingWants = 2, MaxWantMessagesInFlight = 1 }) { HoldSends = true };
        driver.Connect(_a);
        for (int i = 0; i < 5; i++)
        {
            driver.Want(TestData.Block(i).Cid, session: i % 2);
        }

        EngineStat stat = driver.Engine.Stat();
        Assert.Equal((5, 2, 2, 1), (stat.Wants, stat.AskedBlocks, stat.OutstandingWants + stat.QueuedWants, stat.MessagesInFlight));
        Assert.Equal((2, 0, 0), (stat.Sessions, stat.StoreRequests, stat.QueuedLookups));

        driver.HoldStore = true;
        driver.ReceiveBlocks(_a, TestData.Block(0, 100));
        driver.ReceiveWants(_a, [.. Enumerable.Range(10, 3000).Select(i => new WantlistEntry(TestData.Block(i).Cid))]);
        stat = driver.Engine.Stat();
        Assert.Equal((100L, 4), (stat.StoringBytes, stat.StoreRequests));
        Assert.Equal((3000, 0, 0), (stat.PeerWants, stat.ActiveReplies, stat.ActivePeers));
    }

    [Fact]
    public void What_is_read_or_sent_for_peers_is_active_and_what_waits_is_queued()
    {
        var driver = new EngineDriver(new EngineOptions { MaxOutstandingReplyBytes = 64 * 1024, ReplyTarget = 1024 }) { HoldSends = true };
        Block[] blocks = [.. Enumerable.Range(0, 10).Select(i => TestData.Block(i, 40_000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select(b => new WantlistEntry(b.Cid))]);
        EngineStat stat = driver.Engine.Stat();
        Assert.Equal((10, 1), (stat.ActiveReplies + stat.QueuedReplies, stat.ActivePeers));
        Assert.Equal(2, stat.ActiveReplies);
        Assert.Equal(2, stat.MessagesInFlight);
    }

    [Fact]
    public void A_want_that_is_told_again_counts_as_sent_twice_and_resent_once()
    {
        var driver = new EngineDriver { HoldSends = true };
        driver.Connect(_a);
        driver.Want(TestData.Block(1).Cid);
        Assert.Equal((1L, 0L), (driver.Engine.Stat().WantsSent, driver.Engine.Stat().WantsResent));

        driver.ReleaseSends(ok: false);
        driver.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((2L, 1L), (driver.Engine.Stat().WantsSent, driver.Engine.Stat().WantsResent));
    }

    [Fact]
    public void Wants_that_nobody_has_are_shown_as_parked()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        driver.Want(TestData.Block(1).Cid);
        driver.ReceiveDontHave(_a, TestData.Block(1).Cid);
        Assert.Equal(1, driver.Engine.Stat().ParkedWants);
    }
}
