namespace Bitswap.Protocol.Tests.Boxo;

/// <summary>What boxo's tests of its session want sender and its response tracker name, in words of our own.</summary>
public sealed class SessionSenderTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);

    [Fact]
    public void When_the_peer_that_is_asked_for_the_block_leaves_another_is_asked()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        driver.Connect(_b);
        driver.Want(TestData.Block(1).Cid);
        PeerId asked = driver.TakeEntries(_a).Single().Type == WantType.Block ? _a : _b;
        PeerId other = asked.Equals(_a) ? _b : _a;
        driver.TakeSent(other);

        driver.Disconnect(asked);

        Assert.Equal(WantType.Block, Assert.Single(driver.TakeEntries(other)).Type);
    }

    [Fact]
    public void A_fail_fast_want_ends_with_what_was_said_when_the_last_peer_leaves()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        driver.Connect(_b);
        long want = driver.Want(TestData.Block(1).Cid, failFast: true);
        driver.ReceiveDontHave(_a, TestData.Block(1).Cid);
        Assert.Empty(driver.Ended);

        driver.Disconnect(_b);

        WantEnded ended = Assert.Single(driver.Ended);
        Assert.Equal((want, WantEndReason.NotFound), (ended.WantId, ended.Reason));
        Assert.Contains(ended.Answers, p => p.Peer.Equals(_a) && p.Kind == PeerAnswerKind.DontHave);
        Assert.Contains(ended.Answers, p => p.Peer.Equals(_b) && p.Kind == PeerAnswerKind.HungUp);
    }

    [Fact]
    public void A_block_in_between_starts_the_count_of_misses_anew()
    {
        var driver = new EngineDriver(new EngineOptions { SessionPruneAfter = 4 });
        driver.Connect(_a);
        driver.Connect(_b);
        for (int i = 0; i < 12; i++)
        {
            driver.Want(TestData.Block(i).Cid);
            if (i % 4 == 3)
            {
                driver.ReceiveBlocks(_a, TestData.Block(i));
            }
            else
            {
                driver.ReceiveDontHave(_a, TestData.Block(i).Cid);
            }
        }

        Assert.Contains(driver.Engine.Client.Sessions.All.Single().Peers, p => p.Requests.Id.Equals(_a));
    }

    [Fact]
    public void A_peer_that_holds_something_wanted_keeps_its_place_however_often_it_misses()
    {
        var driver = new EngineDriver(new EngineOptions { SessionPruneAfter = 4, MaxRequestedBytes = 64 * 1024 });
        driver.Connect(_a);
        driver.Connect(_b);

        // Block 0 is asked of one of the two; the other says that it has it.
        driver.Want(TestData.Block(0).Cid);
        PeerId holder = driver.TakeEntries(_a).Single().Type == WantType.Have ? _a : _b;
        driver.ReceiveHave(holder, TestData.Block(0).Cid);
        for (int i = 1; i <= 10; i++)
        {
            driver.Want(TestData.Block(i).Cid);
            driver.ReceiveDontHave(holder, TestData.Block(i).Cid);
        }

        Assert.Contains(driver.Engine.Client.Sessions.All.Single().Peers, p => p.Requests.Id.Equals(holder));
    }

    [Fact]
    public void Of_two_peers_the_one_that_sent_more_blocks_first_is_asked_more_often()
    {
        int ofA = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var driver = new EngineDriver(seed: seed);
            driver.Connect(_a);
            driver.Connect(_b);
            for (int i = 0; i < 4; i++)
            {
                // A sends whatever is wanted; B, asked or not, never comes first.
                driver.Want(TestData.Block(i).Cid);
                driver.Advance(TimeSpan.FromMilliseconds(5));
                driver.ReceiveDontHave(_b, TestData.Block(i).Cid);
                driver.ReceiveBlocks(_a, TestData.Block(i));
            }

            driver.TakeSent(_a);
            driver.Want(TestData.Block(99).Cid);
            ofA += driver.TakeEntries(_a).Any(e => e.Type == WantType.Block && e.Cid.Equals(TestData.Block(99).Cid)) ? 1 : 0;
        }

        Assert.InRange(ofA, 150, 200);
    }

    [Fact]
    public void Two_sessions_learn_apart_from_each_other()
    {
        var driver = new EngineDriver(new EngineOptions { SessionPruneAfter = 2 });
        driver.Connect(_a);
        driver.Connect(_b);
        driver.Want(TestData.Absent(1), session: 2);
        for (int i = 0; i < 6; i++)
        {
            driver.Want(TestData.Block(i).Cid, session: 1);
            driver.ReceiveDontHave(_a, TestData.Block(i).Cid);
        }

        Assert.DoesNotContain(driver.Engine.Client.Sessions.All.Single(s => s.Id == 1).Peers, p => p.Requests.Id.Equals(_a));
        Assert.Contains(driver.Engine.Client.Sessions.All.Single(s => s.Id == 2).Peers, p => p.Requests.Id.Equals(_a));
    }

    [Fact]
    public void A_peer_that_missed_three_in_a_row_is_asked_for_word_while_another_may_have_it()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        driver.Connect(_b);
        for (int i = 0; i < 4; i++)
        {
            driver.Want(TestData.Block(i, 5000).Cid);
            driver.ReceiveDontHave(_a, TestData.Block(i, 5000).Cid);
            driver.ReceiveBlocks(_b, TestData.Block(i, 5000));
        }

        driver.TakeSent(_a);
        for (int i = 10; i < 60; i++)
        {
            driver.Want(TestData.Block(i, 5000).Cid);
        }

        Assert.DoesNotContain(driver.TakeEntries(_a), e => !e.Cancel && e.Type == WantType.Block);
    }
}
