namespace Bitswap.Protocol.Tests.Client;

/// <summary>Which peer is asked for a block. The choice is random, so what is tested is how often each is chosen, over many seeds.</summary>
public sealed class PeerSelectorTests
{
    private const int Seeds = 100;

    // with no preference each of two peers is chosen 50 of 100 times; 70 or more is four standard deviations away
    private const int Mostly = 70;

    private static readonly TimeSpan _quick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _slow = TimeSpan.FromSeconds(2);
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private static readonly PeerId _c = TestData.Peer(3);

    [Fact]
    public void Of_two_peers_that_were_pinged_the_quicker_one_is_asked_more_often() => AssertMostly(_a, driver =>
    {
        Connect(driver, _a, _b);
        driver.Engine.PeerLatency(_a, _quick, driver.Now);
        driver.Engine.PeerLatency(_b, _slow, driver.Now);
    });

    [Fact]
    public void Of_two_peers_that_have_answered_the_quicker_one_is_asked_more_often() => AssertMostly(_a, driver =>
    {
        Connect(driver, _a, _b);
        AnswerAfter(driver, _a, _quick);
        AnswerAfter(driver, _b, _slow);
    });

    [Fact]
    public void A_peer_of_unknown_speed_is_asked_less_than_a_quick_and_more_than_a_slow_one()
    {
        AssertMostly(_a, driver =>
        {
            Connect(driver, _a, _b);
            AnswerAfter(driver, _a, TimeSpan.FromMilliseconds(1));
        });
        AssertMostly(_b, driver =>
        {
            Connect(driver, _a, _b);
            AnswerAfter(driver, _a, _slow);
        });
    }

    [Fact]
    public void A_peer_that_sent_blocks_of_the_session_is_asked_more_than_one_that_sent_none() => AssertMostly(_a, driver =>
    {
        Connect(driver, _a);
        AnswerAfter(driver, _a, _quick, count: 10);
        Connect(driver, _b);
        driver.Engine.PeerLatency(_b, _quick, driver.Now);
    });

    [Fact]
    public void A_peer_that_is_asked_for_much_already_is_asked_less_often() => AssertMostly(_b, driver =>
    {
        Connect(driver, _a, _b);
        for (int i = 0; i < 7; i++)
        {
            driver.Want(TestData.Block(i).Cid, session: 9, only: [_a]);
        }
    });

    [Fact]
    public void Of_two_peers_that_say_HAVE_the_one_that_sent_more_blocks_is_asked_more_often()
    {
        Cid next = TestData.Absent(7);
        int asked = CountSeeds(driver =>
        {
            Connect(driver, _a, _b, _c);
            AnswerAfter(driver, _a, _slow);
            AnswerAfter(driver, _b, _slow, count: 30);
            driver.Engine.PeerLatency(_c, TimeSpan.FromMilliseconds(1), driver.Now);
            Forget(driver, _a, _b, _c);

            // the quickest is asked for it, and the others whether they have it
            driver.Want(next);
            driver.ReceiveHave(_a, next);
            driver.ReceiveHave(_b, next);
            driver.ReceiveDontHave(_c, next);
            return IsAskedForBlock(driver, _c, next) && IsAskedForBlock(driver, _b, next) && !IsAskedForBlock(driver, _a, next);
        });

        Assert.InRange(asked, Mostly, Seeds);
    }

    [Fact]
    public void A_peer_that_has_something_takes_the_place_of_the_worst_of_a_full_session()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            // b loses its place by a miss where a, which it is equal to but for the misses, has none; and by blocks where a has sent some
            foreach (bool withBlocks in (bool[])[false, true])
            {
                EngineDriver driver = new(new EngineOptions { MaxSessionPeers = 2 }, seed);
                Connect(driver, _a, _b);
                driver.Want(TestData.Absent(1));
                for (int i = 0; withBlocks && i < 5; i++)
                {
                    Block sent = TestData.Block(i, 5000);
                    driver.Want(sent.Cid);
                    driver.ReceiveBlocks(_a, sent);
                }

                driver.ReceiveDontHave(withBlocks ? _a : _b, TestData.Absent(1));
                driver.Connect(_c);
                Block found = TestData.Block(500, 5000);
                driver.Want(found.Cid, only: [_c], session: 5);
                driver.Want(found.Cid);
                driver.ReceiveBlocks(_c, found);
                Forget(driver, _a, _b, _c);

                for (int i = 0; i < 20; i++)
                {
                    driver.Want(TestData.Absent(100 + i));
                }

                Assert.NotEmpty(driver.TakeEntries(_a));
                Assert.DoesNotContain(driver.TakeEntries(_b), e => !e.Cancel);
                Assert.NotEmpty(driver.TakeEntries(_c));
            }
        }
    }

    [Fact]
    public void A_session_that_cannot_have_all_peers_takes_those_first_that_sent_blocks_before()
    {
        PeerId[] others = [.. Enumerable.Range(10, 9).Select(TestData.Peer)];
        int asked = CountSeeds(driver =>
        {
            Connect(driver, [_a, .. others]);
            AnswerAfter(driver, _a, _quick, count: 40);
            driver.Want(TestData.Absent(1), session: 2);
            return driver.TakeEntries(_a).Any(e => e.Cid.Equals(TestData.Absent(1)));
        }, new EngineOptions { MaxSessionPeers = 1 });

        // with no preference it would be one in ten
        Assert.InRange(asked, Mostly, Seeds);
    }

    /// <summary>Prepares two peers, and sees which of them is asked for the next block.</summary>
    private static void AssertMostly(PeerId expected, Action<EngineDriver> prepare)
    {
        Cid next = TestData.Absent(7);
        int asked = CountSeeds(driver =>
        {
            prepare(driver);
            Forget(driver, _a, _b);
            driver.Want(next);
            bool isExpected = IsAskedForBlock(driver, expected, next);
            Assert.NotEqual(isExpected, IsAskedForBlock(driver, expected.Equals(_a) ? _b : _a, next));
            return isExpected;
        });

        Assert.InRange(asked, Mostly, Seeds);
    }

    private static int CountSeeds(Func<EngineDriver, bool> holds, EngineOptions? options = null) =>
        Enumerable.Range(1, Seeds).Count(seed => holds(new EngineDriver(options, (ulong)seed)));

    /// <summary>
    /// Has a peer asked for blocks, which it sends after a time. Where it is not the only one, by a session of its own, so that it is measured and the
    /// session of the test learns nothing.
    /// </summary>
    private static void AnswerAfter(EngineDriver driver, PeerId peer, TimeSpan time, int count = 1)
    {
        bool others = driver.Engine.Peers().Count > 1;
        for (int i = 0; i < count; i++)
        {
            Block block = TestData.Block((10_000 * (peer.Equals(_a) ? 1 : 2)) + i, 5000);
            driver.Want(block.Cid, session: others ? 99 : 0, only: others ? [peer] : null);
            driver.Advance(time);
            driver.ReceiveBlocks(peer, block);
        }
    }

    private static bool IsAskedForBlock(EngineDriver driver, PeerId peer, Cid cid) =>
        driver.TakeEntries(peer).Any(e => e.Cid.Equals(cid) && e.Type == WantType.Block && !e.Cancel);

    private static void Connect(EngineDriver driver, params PeerId[] peers) => Array.ForEach(peers, peer => driver.Connect(peer));

    private static void Forget(EngineDriver driver, params PeerId[] peers) => Array.ForEach(peers, peer => driver.TakeSent(peer));
}
