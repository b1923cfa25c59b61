namespace Bitswap.Protocol.Tests.Client;

/// <summary>A lost connection is not a no: the peer is dialled again while something is wanted that it may have.</summary>
public sealed class LostPeerTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private static readonly PeerLoss _hungUp = new(CanReturn: true, ByUs: false, "The peer closed the connection.");
    private readonly EngineDriver _driver = new(new EngineOptions { FailFastWithoutPeers = true });
    private readonly Block _block = TestData.Block(1, 5000);

    private IEnumerable<ConnectPeer> Dials => _driver.Results.OfType<ConnectPeer>();

    [Fact]
    public void A_peer_that_leaves_in_the_middle_of_many_blocks_is_dialled_and_sends_the_rest()
    {
        Block[] blocks = [.. Enumerable.Range(0, 64).Select(i => TestData.Block(i, 5000))];
        _driver.Connect(_a);
        long[] ids = [.. blocks.Select(block => _driver.Want(block.Cid, session: 1, failFast: true, timeout: TimeSpan.FromSeconds(30)))];
        _driver.ReceiveBlocks(_a, blocks[..20]);
        _driver.Disconnect(_a, _hungUp);
        Assert.Empty(_driver.Ended);

        _driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(_a, Assert.Single(Dials).Peer);
        _driver.TakeSent(_a);
        _driver.Connect(_a);
        Assert.Equal(blocks[20..].Select(block => block.Cid), _driver.TakeEntries(_a).Select(entry => entry.Cid));
        _driver.ReceiveBlocks(_a, blocks[20..]);

        Assert.Equal(ids, _driver.Received);
        Assert.Equal(1, _driver.Engine.Stat().Redials);
    }

    [Fact]
    public void One_out_of_reach_is_dialled_with_growing_pauses_until_the_deadline_and_reported()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid, session: 1, failFast: true, timeout: TimeSpan.FromSeconds(30));
        _driver.Disconnect(_a, _hungUp);
        var at = new List<double>();
        TimeSpan lost = _driver.Now;
        while (!_driver.Ended.Any())
        {
            _driver.Advance(TimeSpan.FromMilliseconds(50));
            if (Dials.LastOrDefault() is { } dial && _driver.Results.Remove(dial))
            {
                at.Add((_driver.Now - lost).TotalSeconds);
                _driver.Engine.ConnectFailed(dial.RequestId, dial.Peer, PeerAnswerKind.Unreachable, "connection refused", false, _driver.Now);
                _driver.Run();
            }
        }

        Assert.InRange(at[0], 0.1, 0.15);
        double[] pauses = [.. at.Skip(1).Zip(at, (later, earlier) => later - earlier)];
        Assert.All(pauses.Skip(1).Zip(pauses, (later, earlier) => later - earlier), growth => Assert.InRange(growth, -0.06, 2)); // seen each 50 ms
        Assert.InRange(pauses[^1], 3, 7.5);
        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal(WantEndReason.Timeout, ended.Reason);
        PeerAnswer said = Assert.Single(ended.Answers);
        Assert.Equal((_a, PeerAnswerKind.HungUp), (said.Peer, said.Kind));
        Assert.Equal($"The peer closed the connection; dialled again {at.Count} times: connection refused", said.Detail);

        // nothing is wanted: nobody is dialled
        _driver.Advance(TimeSpan.FromHours(1));
        Assert.Empty(Dials);
    }

    [Fact]
    public void One_that_comes_and_goes_without_a_block_is_dialled_ever_less_often()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid, session: 1, failFast: true, timeout: TimeSpan.FromMinutes(10));
        TimeSpan start = _driver.Now;
        int dials = 0;
        while (_driver.Now - start < TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1))
        {
            _driver.Disconnect(_a, _hungUp);
            while (!Dials.Any() && _driver.Now - start < TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1))
            {
                _driver.Advance(TimeSpan.FromMilliseconds(50));
            }

            dials++;
            _driver.Results.Clear();
            _driver.Connect(_a);
        }

        Assert.InRange(dials, 10, 50);
    }

    [Fact]
    public void One_that_gave_something_is_dialled_at_once_each_time()
    {
        _driver.Connect(_a);
        for (int i = 0; i < 20; i++)
        {
            _driver.Want(_block.Cid, session: 1, failFast: true);
            _driver.Want(TestData.Block(100 + i).Cid, session: 1, failFast: true);
            _driver.ReceiveBlocks(_a, TestData.Block(100 + i));
            _driver.Disconnect(_a, _hungUp);
            _driver.Advance(TimeSpan.FromSeconds(0.1));
            Assert.Single(Dials);
            _driver.Results.Clear();
            _driver.Connect(_a);
        }
    }

    [Fact]
    public void One_lost_before_is_tried_once_when_nobody_has_the_block_and_not_waited_for()
    {
        _driver.Connect(_a);
        _driver.Disconnect(_a, _hungUp);
        _driver.Connect(_b);
        _driver.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(Dials);
        _driver.Want(_block.Cid, session: 1, failFast: true, timeout: TimeSpan.FromSeconds(30));
        _driver.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Dials);

        _driver.ReceiveDontHave(_b, _block.Cid);
        ConnectPeer dial = Assert.Single(Dials);
        Assert.Empty(_driver.Ended);
        _driver.Engine.ConnectFailed(dial.RequestId, dial.Peer, PeerAnswerKind.Unreachable, "connection refused", false, _driver.Now);
        _driver.Run();

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal(WantEndReason.NotFound, ended.Reason);
        Assert.Equal([(_a, PeerAnswerKind.Unreachable, "connection refused"), (_b, PeerAnswerKind.DontHave, null)], ended.Answers.Select(a => (a.Peer, a.Kind, a.Detail)).OrderBy(a => a.Peer));

        // and not dialled for each further want right after that
        _driver.Results.Clear();
        _driver.Want(TestData.Block(2).Cid, session: 2, failFast: true);
        _driver.ReceiveDontHave(_b, TestData.Block(2).Cid);
        Assert.Empty(Dials);
        Assert.Single(_driver.Ended);
    }

    [Fact]
    public void One_that_was_lost_before_and_can_be_reached_is_asked()
    {
        _driver.Connect(_a);
        _driver.Disconnect(_a, _hungUp);
        long id = _driver.Want(_block.Cid, failFast: true);
        Assert.Single(Dials);
        _driver.Connect(_a);
        _driver.ReceiveBlocks(_a, _block);
        Assert.Equal([id], _driver.Received);
    }

    [Fact]
    public void One_that_said_no_before_it_left_is_not_waited_for()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_block.Cid, session: 1, failFast: true);
        _driver.ReceiveDontHave(_a, _block.Cid);
        _driver.Disconnect(_a, _hungUp);
        Assert.Empty(_driver.Ended);

        _driver.ReceiveDontHave(_b, _block.Cid);

        Assert.Equal([PeerAnswerKind.DontHave, PeerAnswerKind.DontHave], Assert.Single(_driver.Ended).Answers.Select(a => a.Kind));
    }

    [Fact]
    public void A_try_that_would_meet_the_same_again_is_the_last()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid, session: 1, failFast: true, timeout: TimeSpan.FromSeconds(30));
        _driver.Disconnect(_a, _hungUp);
        _driver.Advance(TimeSpan.FromSeconds(0.2));
        ConnectPeer dial = Assert.Single(Dials);

        _driver.Engine.ConnectFailed(dial.RequestId, dial.Peer, PeerAnswerKind.Unreachable, "another peer answers there", true, _driver.Now);
        _driver.Run();

        Assert.Equal(WantEndReason.NotFound, Assert.Single(_driver.Ended).Reason);
    }

    [Fact]
    public void Peers_that_may_not_know_of_the_want_are_not_dialled_for_it()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_block.Cid, session: 1, only: [_b], failFast: true);
        _driver.Disconnect(_a, _hungUp);
        _driver.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(Dials);

        _driver.Disconnect(_b, _hungUp);
        _driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(_b, Assert.Single(Dials).Peer);
    }

    [Fact]
    public void A_peer_whose_address_is_not_known_is_gone_and_the_report_tells_who_hung_up()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_block.Cid, session: 1, failFast: true);
        _driver.Advance(TimeSpan.FromSeconds(1));
        _driver.Disconnect(_a, new PeerLoss(false, ByUs: true, "pruned"));
        _driver.Disconnect(_b);

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal(
            [(_a, PeerAnswerKind.WeHungUp, "pruned"), (_b, PeerAnswerKind.HungUp, null)],
            ended.Answers.Select(a => (a.Peer, a.Kind, a.Detail)).OrderBy(a => a.Peer));
        Assert.Equal(0, _driver.Engine.Client.Redials.Count);
    }

    [Fact]
    public void No_more_lost_peers_than_is_set_are_remembered_and_dialled_at_once()
    {
        var driver = new EngineDriver(new EngineOptions { MaxLostPeers = 20, MaxRedials = 5 });
        PeerId[] peers = [.. Enumerable.Range(1, 50).Select(TestData.Peer)];
        driver.Want(_block.Cid, session: 1);
        foreach (PeerId peer in peers)
        {
            driver.Connect(peer);
            driver.Disconnect(peer, _hungUp);
        }

        Assert.Equal(20, driver.Engine.Client.Redials.Count);
        driver.Advance(TimeSpan.FromSeconds(5));
        ConnectPeer[] dials = [.. driver.Results.OfType<ConnectPeer>()];
        Assert.Equal(5, dials.Length);
        Assert.All(dials, dial => Assert.Contains(dial.Peer, peers[30..]));

        foreach (ConnectPeer dial in dials)
        {
            driver.Engine.ConnectFailed(dial.RequestId, dial.Peer, PeerAnswerKind.Unreachable, "refused", false, driver.Now);
        }

        driver.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(10, driver.Results.OfType<ConnectPeer>().Count());
    }

    [Fact]
    public void A_denial_over_a_former_connection_is_no_answer_once_the_peer_was_asked_again()
    {
        var driver = new EngineDriver(new EngineOptions { FailFastWithoutPeers = true, MaxWantMessagesInFlight = 1 });
        driver.Connect(_a);
        driver.Want(_block.Cid, session: 1);
        driver.ReceiveDontHave(_a, _block.Cid);
        driver.Disconnect(_a, _hungUp);
        driver.Connect(_a);
        Assert.Contains(driver.TakeEntries(_a), entry => entry.Cid.Equals(_block.Cid));
        driver.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, driver.Engine.Stat().SimulatedDontHaves);

        // it was silent this time, and is lost before it is told of the next caller's want
        driver.HoldSends = true;
        driver.TakeSent(_a);
        driver.Want(_block.Cid, session: 1, failFast: true, timeout: TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(driver.TakeEntries(_a), entry => !entry.Cancel);
        driver.Disconnect(_a, _hungUp);

        Assert.Empty(driver.Ended);
        driver.Advance(TimeSpan.FromSeconds(30));
        WantEnded ended = Assert.Single(driver.Ended);
        Assert.Equal(WantEndReason.Timeout, ended.Reason);
        Assert.DoesNotContain(ended.Answers, answer => answer.Kind == PeerAnswerKind.DontHave);
    }

    [Fact]
    public void Pauses_stay_between_the_least_and_the_most_that_are_set()
    {
        var driver = new EngineDriver(new EngineOptions { RedialDelay = TimeSpan.FromSeconds(1), MaxRedialDelay = TimeSpan.FromSeconds(3) });
        driver.Connect(_a);
        driver.Want(_block.Cid, session: 1);
        driver.Disconnect(_a, _hungUp);
        var at = new List<double>();
        TimeSpan lost = driver.Now;
        for (int i = 0; i < 600; i++)
        {
            driver.Advance(TimeSpan.FromMilliseconds(100));
            if (driver.Results.OfType<ConnectPeer>().LastOrDefault() is { } dial && driver.Results.Remove(dial))
            {
                at.Add((driver.Now - lost).TotalSeconds);
                driver.Engine.ConnectFailed(dial.RequestId, dial.Peer, PeerAnswerKind.Unreachable, "refused", false, driver.Now);
            }
        }

        Assert.All(at.Skip(1).Zip(at, (later, earlier) => later - earlier), pause => Assert.InRange(pause, 0.99, 3.01));
        Assert.InRange(at[^1] - at[^2], 2.99, 3.01);
    }
}
