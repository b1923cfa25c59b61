using Bitswap.Protocol.Client;

namespace Bitswap.Protocol.Tests.Client;

public sealed class SessionTests
{
    private static readonly PeerId[] _peers = [.. Enumerable.Range(1, 40).Select(TestData.Peer)];
    private readonly EngineDriver _driver = new();
    private readonly Block _block = TestData.Block(1, 5000);

    [Fact]
    public void One_of_several_peers_is_asked_for_the_block_and_the_others_whether_they_have_it()
    {
        ConnectAll(4);
        _driver.Want(_block.Cid);

        List<WantlistEntry> entries = [.. _peers[..4].Select(p => Assert.Single(_driver.TakeEntries(p)))];
        Assert.Single(entries, e => e.Type == WantType.Block);
        Assert.Equal(3, entries.Count(e => e.Type == WantType.Have));
        Assert.All(entries, e => Assert.True(e.SendDontHave));
    }

    [Fact]
    public void A_DONT_HAVE_moves_the_want_to_the_peer_that_said_HAVE()
    {
        ConnectAll(4);
        _driver.Want(_block.Cid);
        PeerId first = AskedForBlock(4);
        PeerId holder = _peers[..4].First(p => !p.Equals(first));

        _driver.ReceiveHave(holder, _block.Cid);
        Assert.Empty(_driver.TakeEntries(holder));
        _driver.ReceiveDontHave(first, _block.Cid);

        WantlistEntry entry = Assert.Single(_driver.TakeEntries(holder));
        Assert.Equal((WantType.Block, false), (entry.Type, entry.Cancel));
    }

    [Fact]
    public void A_peer_that_said_DONT_HAVE_is_asked_only_for_word_while_another_sends_the_block()
    {
        ConnectAll(2);
        _driver.Want(_block.Cid);
        PeerId first = AskedForBlock(2);

        _driver.ReceiveDontHave(first, _block.Cid);

        WantlistEntry entry = Assert.Single(_driver.TakeEntries(first));
        Assert.Equal((WantType.Have, false, false), (entry.Type, entry.Cancel, entry.SendDontHave));
    }

    [Fact]
    public void A_block_ends_the_want_at_all_other_peers_that_were_told()
    {
        ConnectAll(4);
        _driver.Want(_block.Cid);
        PeerId first = AskedForBlock(4);

        _driver.ReceiveBlocks(first, _block);

        Assert.Empty(_driver.TakeEntries(first));
        foreach (PeerId other in _peers[..4].Where(p => !p.Equals(first)))
        {
            Assert.True(Assert.Single(_driver.TakeEntries(other)).Cancel);
        }
    }

    [Fact]
    public void The_block_itself_is_asked_of_one_peer_at_a_time()
    {
        ConnectAll(8);
        _driver.Want(_block.Cid);
        PeerId asked = AskedForBlock(8);
        _driver.ReceiveHave(_peers[0], _block.Cid);
        _driver.ReceiveHave(_peers[1], _block.Cid);
        _driver.ReceiveHave(_peers[2], _block.Cid);

        Assert.All(_peers[..8].Where(p => !p.Equals(asked)), p => Assert.DoesNotContain(_driver.TakeEntries(p), e => e.Type == WantType.Block && !e.Cancel));
    }

    [Fact]
    public void A_peer_that_says_HAVE_and_then_DONT_HAVE_is_believed_three_times_and_no_more()
    {
        ConnectAll(1);
        _driver.Want(_block.Cid);
        int asked = 0;
        for (int i = 0; i < 50; i++)
        {
            asked += _driver.TakeEntries(_peers[0]).Count(e => e.Type == WantType.Block);
            _driver.ReceiveDontHave(_peers[0], _block.Cid);
            _driver.ReceiveHave(_peers[0], _block.Cid);
        }

        Assert.InRange(asked, 2, 5);
    }

    [Fact]
    public void A_peer_with_too_many_DONT_HAVE_in_a_row_loses_its_place_and_a_block_regains_it()
    {
        var driver = new EngineDriver(new EngineOptions { SessionPruneAfter = 4 });
        driver.Connect(_peers[0]);
        driver.Connect(_peers[1]);
        int number = 0;
        while (number < 40)
        {
            Block block = TestData.Block(number++, 5000);
            driver.Want(block.Cid);
            driver.ReceiveDontHave(_peers[0], block.Cid);
            driver.ReceiveBlocks(_peers[1], block);
        }

        driver.TakeSent(_peers[0]);
        driver.Want(TestData.Block(number).Cid);
        Assert.Empty(driver.TakeEntries(_peers[0]));

        driver.ReceiveBlocks(_peers[0], TestData.Block(number));
        Session session = Assert.Single(driver.Engine.Client.Sessions.All);
        Assert.Equal(2, session.Peers.Count);
        Assert.Empty(session.Pruned);
    }

    [Fact]
    public void Only_so_many_peers_are_asked_until_they_say_no_then_all_others_for_word()
    {
        ConnectAll(40);
        _driver.Want(_block.Cid);
        PeerId[] asked = [.. _peers.Where(p => _driver.TakeEntries(p).Count > 0)];
        Assert.Equal(16, asked.Length);

        foreach (PeerId peer in asked)
        {
            _driver.ReceiveDontHave(peer, _block.Cid);
        }

        PeerId[] others = [.. _peers.Except(asked)];
        Assert.All(others, p => Assert.Equal(WantType.Have, Assert.Single(_driver.TakeEntries(p)).Type));

        _driver.ReceiveHave(others[5], _block.Cid);
        Assert.Equal(WantType.Block, Assert.Single(_driver.TakeEntries(others[5])).Type);
    }

    [Fact]
    public void No_more_wants_than_the_window_are_broadcast_at_once_and_all_get_their_turn()
    {
        var driver = new EngineDriver(new EngineOptions { MaxSessionPeers = 1, BroadcastWindow = 4 });
        for (int i = 0; i < 4; i++)
        {
            driver.Connect(_peers[i]);
        }

        Block[] blocks = [.. Enumerable.Range(0, 20).Select(i => TestData.Block(i))];
        foreach (Block block in blocks)
        {
            driver.Want(block.Cid);
        }

        PeerId member = _peers[..4].Single(p => driver.TakeEntries(p).Count > 0);
        driver.ReceiveDontHave(member, [.. blocks.Select(b => b.Cid)]);
        PeerId[] others = [.. _peers[..4].Where(p => !p.Equals(member))];
        int seen = 0;
        while (seen < blocks.Length)
        {
            Cid[] asked = [.. driver.TakeEntries(others[0]).Where(e => !e.Cancel).Select(e => e.Cid)];
            Assert.InRange(asked.Length, 1, 4);
            seen += asked.Length;
            foreach (PeerId other in others)
            {
                driver.ReceiveDontHave(other, asked);
            }
        }

        Assert.Equal(20, seen);
    }

    [Fact]
    public void An_exclusive_want_is_told_to_nobody_else_not_even_its_end()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true });
        for (int i = 0; i < 4; i++)
        {
            driver.Connect(_peers[i]);
        }

        long id = driver.Want(_block.Cid, only: [_peers[1], _peers[2]]);
        driver.Advance(TimeSpan.FromMinutes(2));
        driver.Connect(_peers[5]);
        driver.ReceiveDontHave(_peers[1], _block.Cid);
        driver.ReceiveDontHave(_peers[2], _block.Cid);
        driver.Advance(TimeSpan.FromMinutes(2));
        driver.Cancel(id);

        Assert.NotEmpty(driver.TakeSent(_peers[1]));
        Assert.NotEmpty(driver.TakeSent(_peers[2]));
        Assert.Empty(driver.TakeSent(_peers[0]));
        Assert.Empty(driver.TakeSent(_peers[3]));
        Assert.Empty(driver.TakeSent(_peers[5]));
        Assert.Empty(driver.Results.OfType<FindProviders>());
    }

    [Fact]
    public void When_the_open_want_goes_and_the_exclusive_stays_only_its_peers_keep_it()
    {
        ConnectAll(3);
        long open = _driver.Want(_block.Cid);
        _driver.Want(_block.Cid, only: [_peers[0]]);
        _peers[..3].ToList().ForEach(p => _driver.TakeSent(p));

        _driver.Cancel(open);

        Assert.DoesNotContain(_driver.TakeEntries(_peers[0]), e => e.Cancel);
        Assert.True(Assert.Single(_driver.TakeEntries(_peers[1])).Cancel);
        Assert.True(Assert.Single(_driver.TakeEntries(_peers[2])).Cancel);
    }

    [Fact]
    public void A_want_left_exclusive_is_not_told_to_peers_of_the_session_that_left_it()
    {
        long open = _driver.Want(_block.Cid, session: 1);
        _driver.Want(TestData.Block(2).Cid, session: 1);
        _driver.Want(_block.Cid, session: 2, only: [_peers[1]]);
        _driver.Cancel(open);

        _driver.Connect(_peers[0]);
        Assert.Equal(TestData.Block(2).Cid, Assert.Single(_driver.TakeEntries(_peers[0])).Cid);
        _driver.Connect(_peers[1]);
        Assert.Contains(_driver.TakeEntries(_peers[1]), e => e.Cid.Equals(_block.Cid));
    }

    [Fact]
    public void An_exclusive_fail_fast_want_ends_on_the_no_of_its_own_peers_alone()
    {
        ConnectAll(3);
        _driver.Want(_block.Cid);
        PeerId asked = AskedForBlock(3);
        PeerId only = _peers[..3].First(p => !p.Equals(asked));
        long id = _driver.Want(_block.Cid, only: [only], failFast: true);

        _driver.ReceiveDontHave(only, _block.Cid);
        _driver.ReceiveDontHave(asked, _block.Cid);

        Assert.Equal((id, WantEndReason.NotFound), _driver.Ended.Select(e => (e.WantId, e.Reason)).Single());
        Assert.Equal(1, _driver.Engine.Stat().Subscriptions);
    }

    [Fact]
    public void No_more_than_the_cap_is_outstanding_and_the_rest_follows_by_priority_then_order()
    {
        ConnectAll(1);
        Block[] blocks = [.. Enumerable.Range(0, 3000).Select(i => TestData.Block(i, 64))];
        for (int i = 0; i < blocks.Length; i++)
        {
            _driver.Want(blocks[i].Cid, priority: i % 3, run: false);
        }

        _driver.Run();
        var told = new List<Cid>();
        while (told.Count < blocks.Length)
        {
            List<WantlistEntry> entries = _driver.TakeEntries(_peers[0]);
            Assert.All(entries, e => Assert.False(e.Cancel));
            told.AddRange(entries.Select(e => e.Cid));
            Assert.InRange(told.Count - (int)_driver.Engine.Stat().BlocksReceived, 1, 1024);
            int done = (int)_driver.Engine.Stat().BlocksReceived;
            _driver.ReceiveBlocks(_peers[0], [.. told.Skip(done).Take(100).Select(c => blocks.First(b => b.Cid.Equals(c)))]);
        }

        int[] order = [.. told.Select(c => Array.FindIndex(blocks, b => b.Cid.Equals(c)))];
        Assert.Equal(Enumerable.Range(0, 3000).OrderByDescending(i => i % 3).ThenBy(i => i), order);
    }

    [Fact]
    public void Denied_wants_make_room_for_others_by_being_withdrawn_in_the_same_message()
    {
        var driver = new EngineDriver(new EngineOptions { MaxOutstandingWants = 4 });
        driver.Connect(_peers[0]);
        for (int i = 0; i < 40; i++)
        {
            Block block = TestData.Block(i);
            driver.Want(block.Cid);
            driver.ReceiveDontHave(_peers[0], block.Cid);
            Assert.InRange(driver.Engine.Peers()[0].OutstandingWants, 1, 4);
        }

        List<WantlistEntry> entries = driver.TakeEntries(_peers[0]);
        Assert.Equal(40, entries.Count(e => !e.Cancel));
        Assert.Equal(36, entries.Count(e => e.Cancel));
    }

    [Fact]
    public void Wants_gathered_while_messages_are_under_way_go_out_together()
    {
        var driver = new EngineDriver { HoldSends = true };
        driver.Connect(_peers[0]);
        for (int i = 0; i < 100; i++)
        {
            driver.Want(TestData.Block(i).Cid);
        }

        Assert.Equal([1, 1], driver.TakeSent(_peers[0]).Select(m => m.Wantlist.Count));
        driver.ReleaseSends();
        Assert.Equal([98], driver.TakeSent(_peers[0]).Select(m => m.Wantlist.Count));
    }

    [Fact]
    public void In_a_message_cancels_come_first_then_wants_for_this_peer_then_broadcasts()
    {
        ConnectAll(2);
        var firsts = Enumerable.Range(100, 6).Select(i => (Id: _driver.Want(TestData.Block(i).Cid), i)).ToList();
        _driver.HoldSends = true;
        _driver.Want(TestData.Block(200).Cid);
        _driver.Want(TestData.Block(201).Cid);
        for (int i = 0; i < 10; i++)
        {
            _driver.Want(TestData.Block(300 + i).Cid);
        }

        firsts.ForEach(f => _driver.Cancel(f.Id));
        _peers[..2].ToList().ForEach(p => _driver.TakeSent(p));
        _driver.ReleaseSends();

        foreach (PeerId peer in _peers[..2])
        {
            int[] kinds = [.. _driver.TakeSent(peer)[0].Wantlist.Select(e => e.Cancel ? 0 : e.Type == WantType.Block ? 1 : 2)];
            Assert.Equal(kinds.Order(), kinds);
            Assert.Equal(3, kinds.Distinct().Count());
        }
    }

    [Fact]
    public void Blocks_and_bytes_asked_of_a_peer_are_bounded_by_their_mean_size()
    {
        var driver = new EngineDriver(new EngineOptions { MaxRequestedBytes = 4 * 1024 * 1024 });
        driver.Connect(_peers[0]);
        for (int i = 0; i < 100; i++)
        {
            driver.Want(TestData.Block(i).Cid, run: false);
        }

        driver.Run();
        Assert.Equal(16, driver.TakeEntries(_peers[0]).Count); // of 256 KiB until one came
        driver.ReceiveBlocks(_peers[0], [.. Enumerable.Range(0, 16).Select(i => TestData.Block(i))]);
        Assert.InRange(driver.TakeEntries(_peers[0]).Count, 32, 84);
    }

    private void ConnectAll(int count)
    {
        foreach (PeerId peer in _peers[..count])
        {
            _driver.Connect(peer);
        }
    }

    private PeerId AskedForBlock(int count)
    {
        PeerId? asked = null;
        foreach (PeerId peer in _peers[..count])
        {
            if (_driver.TakeEntries(peer).Any(e => e.Type == WantType.Block && !e.Cancel))
            {
                Assert.Null(asked);
                asked = peer;
            }
        }

        Assert.NotNull(asked);
        return asked;
    }
}
