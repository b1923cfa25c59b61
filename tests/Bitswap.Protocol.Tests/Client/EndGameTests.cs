namespace Bitswap.Protocol.Tests.Client;

/// <summary>The end of a batch: what the slow peer would send last is asked of the quick one.</summary>
public sealed class EndGameTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private static readonly PeerId _c = TestData.Peer(3);

    private EngineDriver _driver = new();
    private readonly Dictionary<Cid, Block> _blocks = Enumerable.Range(0, 12).Select(i => TestData.Block(i, 200_000)).ToDictionary(b => b.Cid);

    [Fact]
    public void When_the_quick_peer_is_done_it_is_asked_for_what_the_slow_one_still_owes()
    {
        (PeerId quick, PeerId slow, Cid[] late) = Start();

        _driver.Advance(TimeSpan.FromMilliseconds(500));

        WantlistEntry[] withdrawn = [.. _driver.TakeEntries(slow).Where(e => e.Cancel)];
        Assert.Equal(late.Order(), withdrawn.Select(e => e.Cid).Order());
        WantlistEntry[] asked = [.. _driver.TakeEntries(quick).Where(e => !e.Cancel)];
        Assert.Equal(late.Order(), asked.Select(e => e.Cid).Order());
        Assert.All(asked, e => Assert.Equal(WantType.Block, e.Type));
        Assert.Equal(late.Length, _driver.Engine.Stat().WantsMoved);

        _driver.ReceiveBlocks(quick, [.. late.Select(c => _blocks[c])]);
        Assert.Equal(12, _driver.Received.Count());
        _driver.Advance(TimeSpan.FromSeconds(1)); // the time of an answer that was waited for
        Assert.Null(_driver.Engine.NextDeadline is { } due && due < _driver.Now + TimeSpan.FromSeconds(1) ? due : null);
    }

    [Fact]
    public void Of_two_peers_that_are_done_the_quicker_one_is_asked()
    {
        PeerId[] peers = [_a, _b, _c];
        Array.ForEach(peers, peer => _driver.Connect(peer));
        foreach (Cid cid in _blocks.Keys)
        {
            _driver.Want(cid, run: false);
        }

        _driver.Run();
        Cid[][] asked = [.. peers.Select(Asked)];
        Assert.All(asked, Assert.NotEmpty);
        for (int i = 0; i < 2; i++)
        {
            _driver.Advance(TimeSpan.FromMilliseconds(50));
            _driver.ReceiveHave(peers[i], asked[2]);
            _driver.ReceiveBlocks(peers[i], [.. asked[i].Select(c => _blocks[c])]);
        }

        Array.ForEach(peers, peer => _driver.TakeSent(peer));
        for (int i = 0; i < 100 && _driver.Engine.Stat().WantsMoved == 0; i++)
        {
            _driver.Advance(TimeSpan.FromMilliseconds(10));
        }

        Cid[] moved = Asked(_a);
        Assert.NotEmpty(moved);
        Assert.All(moved, cid => Assert.Contains(cid, asked[2]));
        Assert.Equal(moved.Length, _driver.Engine.Stat().WantsMoved);
        Assert.Empty(Asked(_b));
    }

    [Fact]
    public void What_the_slow_peer_sends_after_all_counts_and_is_withdrawn_from_the_quick_one()
    {
        (PeerId quick, PeerId slow, Cid[] late) = Start();
        _driver.Advance(TimeSpan.FromMilliseconds(500));
        _driver.TakeSent(quick);

        _driver.ReceiveBlocks(slow, _blocks[late[0]]);

        Assert.Equal(0, _driver.Engine.Stat().DuplicateBlocks);
        Assert.Equal(late[0], Assert.Single(_driver.TakeEntries(quick), e => e.Cancel).Cid);
    }

    [Fact]
    public void A_peer_that_keeps_its_pace_keeps_its_wants()
    {
        (PeerId quick, PeerId slow, Cid[] late) = Start();
        foreach (Cid cid in late)
        {
            _driver.Advance(TimeSpan.FromMilliseconds(50));
            _driver.ReceiveBlocks(slow, _blocks[cid]);
        }

        Assert.Equal(0, _driver.Engine.Stat().WantsMoved);
        Assert.DoesNotContain(_driver.TakeEntries(quick), e => late.Contains(e.Cid) && e.Type == WantType.Block && !e.Cancel);
    }

    [Fact]
    public void Nothing_is_taken_from_anybody_while_wants_wait_to_be_given_out()
    {
        (_, PeerId slow, _) = Start(new EngineOptions { MaxOutstandingWants = 6 }, stopBefore: 1);
        _driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(0, _driver.Engine.Stat().WantsMoved);
        Assert.DoesNotContain(_driver.TakeEntries(slow), e => e.Cancel);
    }

    [Fact]
    public void A_want_that_was_moved_twice_stays_where_it_is()
    {
        (PeerId quick, PeerId slow, Cid[] late) = Start();
        for (int i = 0; i < 5; i++)
        {
            _driver.Advance(TimeSpan.FromMilliseconds(900));
        }

        Assert.InRange(_driver.Engine.Stat().WantsMoved, late.Length, 2 * late.Length);
        Assert.Equal(12, _driver.Engine.Stat().BlocksReceived + _driver.Engine.Stat().Wants);
        Assert.NotEqual(quick, slow);
    }

    /// <summary>Two peers share twelve wants; one sends all that it is asked for, 10 ms later, the other nothing.</summary>
    private (PeerId Quick, PeerId Slow, Cid[] Late) Start(EngineOptions? options = null, int stopBefore = int.MaxValue)
    {
        _driver = options is null ? _driver : new EngineDriver(options);
        _driver.Connect(_a);
        _driver.Connect(_b);
        foreach (Cid cid in _blocks.Keys)
        {
            _driver.Want(cid, run: false);
        }

        _driver.Run();
        Cid[] ofA = Asked(_a);
        Cid[] ofB = Asked(_b);
        Assert.NotEmpty(ofB);
        Assert.NotEmpty(ofA);
        _driver.Advance(TimeSpan.FromMilliseconds(10));
        _driver.ReceiveHave(_a, ofB);
        _driver.ReceiveBlocks(_a, [.. ofA.Take(stopBefore).Select(c => _blocks[c])]);
        _driver.TakeSent(_a);
        _driver.TakeSent(_b);
        return (_a, _b, ofB);
    }

    private Cid[] Asked(PeerId peer) =>
        [.. _driver.TakeEntries(peer).Where(e => e.Type == WantType.Block && !e.Cancel).Select(e => e.Cid)];
}
