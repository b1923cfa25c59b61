using Bitswap.Multiformats;

namespace Bitswap.Protocol.Tests.Server;

public sealed class ServingTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly EngineDriver _driver = new();

    [Fact]
    public void A_block_that_is_here_is_sent_under_the_CID_it_was_asked_by()
    {
        Block block = Stored(1, 5000, Multicodec.DagPb);
        _driver.Connect(_a);

        _driver.ReceiveWants(_a, new WantlistEntry(block.AsV0().Cid));

        Block sent = Assert.Single(Assert.Single(_driver.TakeSent(_a)).Blocks);
        Assert.Equal(block.AsV0().Cid, sent.Cid);
        Assert.Empty(_driver.Engine.PeerWantlist(_a));
        Assert.Equal((1L, 5000L), (_driver.Engine.Ledger(_a)!.BlocksSent, _driver.Engine.Ledger(_a)!.BytesSent));
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void WANT_HAVE_is_answered_with_a_small_block_or_with_HAVE(int size, bool asBlock)
    {
        Block block = Stored(1, size);
        _driver.Connect(_a);

        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, Type: WantType.Have));

        BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
        Assert.Equal(asBlock ? 1 : 0, message.Blocks.Count);
        Assert.Equal(asBlock ? 0 : 1, message.Presences.Count(p => p.Type == PresenceType.Have));
        Assert.Empty(_driver.Engine.PeerWantlist(_a));
    }

    [Fact]
    public void A_missing_block_is_denied_to_those_who_asked_and_sent_to_all_when_it_comes()
    {
        Block block = TestData.Block(1, 5000);
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, SendDontHave: true));
        _driver.ReceiveWants(_b, new WantlistEntry(block.Cid, Type: WantType.Have));

        Assert.Equal(PresenceType.DontHave, Assert.Single(Assert.Single(_driver.TakeSent(_a)).Presences).Type);
        Assert.Empty(_driver.TakeSent(_b));

        _driver.Add(block);

        Assert.Single(Assert.Single(_driver.TakeSent(_a)).Blocks);
        Assert.Equal(PresenceType.Have, Assert.Single(Assert.Single(_driver.TakeSent(_b)).Presences).Type);
        Assert.Equal(0, _driver.Engine.Stat().PeerWants);
    }

    [Theory]
    [InlineData(BitswapVersion.V100)]
    [InlineData(BitswapVersion.V110)]
    public void An_old_peer_gets_blocks_and_no_presences(BitswapVersion version)
    {
        Block block = Stored(1, 5000);
        _driver.Connect(_a, version);

        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, Type: WantType.Have, SendDontHave: true), new WantlistEntry(TestData.Block(2).Cid, SendDontHave: true));

        BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
        Assert.Single(message.Blocks);
        Assert.Empty(message.Presences);
        Assert.Equal(0, message.PendingBytes);
    }

    [Fact]
    public void Wants_are_served_by_priority_in_replies_of_a_bounded_size_a_large_block_alone()
    {
        var driver = new EngineDriver(new EngineOptions { ReplyTarget = 16 * 1024 });
        Block[] blocks = [.. Enumerable.Range(0, 40).Select(i => TestData.Block(i, i == 7 ? 500_000 : 2000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select((b, i) => new WantlistEntry(b.Cid, i))]);

        List<BitswapMessage> sent = driver.TakeSent(_a);
        Assert.Equal(blocks.Reverse().Select(b => b.Cid), sent.SelectMany(m => m.Blocks).Select(b => b.Cid));
        Assert.All(sent, m => Assert.True(m.Blocks.Count == 1 || m.Blocks.Sum(b => b.Data.Length) <= 16 * 1024));
        Assert.Single(sent.Single(m => m.Blocks.Any(b => b.Data.Length == 500_000)).Blocks);
    }

    [Fact]
    public void What_is_still_queued_is_told_in_pending_bytes()
    {
        var driver = new EngineDriver(new EngineOptions { ReplyTarget = 1024 });
        Block[] blocks = [.. Enumerable.Range(0, 3).Select(i => TestData.Block(i, 1000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select(b => new WantlistEntry(b.Cid))]);

        int[] pending = [.. driver.TakeSent(_a).Select(m => m.PendingBytes)];
        Assert.Equal(3, pending.Length);
        Assert.True(pending[0] >= 2000 && pending[1] >= 1000 && pending[2] == 0, string.Join(' ', pending));
    }

    [Fact]
    public void No_more_than_the_cap_is_read_or_sent_for_a_peer_that_does_not_read()
    {
        var driver = new EngineDriver(new EngineOptions { MaxOutstandingReplyBytes = 1024 * 1024, ReplyTarget = 100_000 }) { HoldSends = true };
        Block[] blocks = [.. Enumerable.Range(0, 100).Select(i => TestData.Block(i, 100_000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select(b => new WantlistEntry(b.Cid))]);
        Assert.Equal(11, driver.TakeSent(_a).Count);

        driver.HoldSends = false;
        driver.ReleaseSends();
        Assert.Equal(89, driver.TakeSent(_a).Count);
        Assert.Equal(0, driver.Engine.Stat().PendingBytes);
    }

    [Fact]
    public void A_cancel_takes_out_what_is_queued_and_what_is_being_read()
    {
        Block[] blocks = [.. Enumerable.Range(0, 3).Select(i => Stored(i, 5000))];
        _driver.Connect(_a);
        _driver.HoldStore = true;
        _driver.ReceiveWants(_a, [.. blocks.Select(b => new WantlistEntry(b.Cid))]);
        _driver.ReceiveWants(_a, new WantlistEntry(blocks[0].Cid, Cancel: true));
        _driver.ReleaseStore(); // checked
        Assert.IsType<LoadBlocks>(Assert.Single(_driver.HeldStoreRequests));
        _driver.ReceiveWants(_a, new WantlistEntry(blocks[1].Cid, Cancel: true));
        _driver.ReleaseStore(); // loaded

        Assert.Equal(blocks[2].Cid, Assert.Single(Assert.Single(_driver.TakeSent(_a)).Blocks).Cid);
        Assert.Empty(_driver.Engine.PeerWantlist(_a));
    }

    [Fact]
    public void A_full_wantlist_replaces_and_an_empty_one_clears()
    {
        Block[] blocks = [.. Enumerable.Range(0, 4).Select(i => TestData.Block(i))];
        _driver.Connect(_a);
        _driver.ReceiveWants(_a, new WantlistEntry(blocks[0].Cid), new WantlistEntry(blocks[1].Cid));

        _driver.Receive(_a, new BitswapMessage { Full = true, Wantlist = [new WantlistEntry(blocks[1].Cid), new WantlistEntry(blocks[2].Cid)] });
        Assert.Equal(new[] { blocks[1].Cid, blocks[2].Cid }.Order(), _driver.Engine.PeerWantlist(_a).Select(w => w.Cid).Order());

        _driver.Receive(_a, new BitswapMessage { Full = true });
        Assert.Empty(_driver.Engine.PeerWantlist(_a));
        Assert.Equal(0, _driver.Engine.Server.Wantlists.Waiting.Count);
    }

    [Fact]
    public void A_want_repeated_while_its_block_is_on_its_way_is_not_served_twice()
    {
        Block block = Stored(1, 5000);
        _driver.Connect(_a);
        _driver.HoldSends = true;
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
        _driver.HoldSends = false;
        _driver.ReleaseSends();

        Assert.Single(_driver.TakeSent(_a));
    }

    [Fact]
    public void A_want_for_word_becomes_one_for_the_block_and_not_the_other_way_round()
    {
        Block block = Stored(1, 5000);
        _driver.Connect(_a);
        _driver.HoldStore = true;
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, Type: WantType.Have));
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, Type: WantType.Have));
        _driver.HoldStore = false;
        _driver.ReleaseStore();

        BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
        Assert.Single(message.Blocks);
        Assert.Empty(message.Presences);
    }

    [Fact]
    public void A_block_removed_between_the_check_and_the_read_is_a_DONT_HAVE()
    {
        Block block = Stored(1, 5000);
        _driver.Connect(_a);
        _driver.HoldStore = true;
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, SendDontHave: true));
        _driver.ReleaseStore();
        _driver.Store.Clear();
        _driver.ReleaseStore();

        BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
        Assert.Equal(PresenceType.DontHave, Assert.Single(message.Presences).Type);
        Assert.Single(_driver.Engine.PeerWantlist(_a));
    }

    [Fact]
    public void A_reply_that_could_not_be_sent_is_tried_again()
    {
        Block block = Stored(1, 5000);
        _driver.Connect(_a);
        _driver.HoldSends = true;
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
        _driver.ReleaseSends(ok: false);
        _driver.ReleaseSends(ok: true);

        Assert.Equal(2, _driver.TakeSent(_a).Count);
        Assert.Equal(1, _driver.Engine.Stat().BlocksSent);
        Assert.Empty(_driver.Engine.PeerWantlist(_a));
    }

    [Fact]
    public void Of_a_peer_that_left_only_the_ledger_stays()
    {
        Block block = Stored(1, 5000);
        _driver.Connect(_a);
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid), new WantlistEntry(TestData.Block(2).Cid));
        _driver.HoldStore = true;
        _driver.ReceiveWants(_a, new WantlistEntry(Stored(3, 100).Cid));
        _driver.TakeSent(_a);
        _driver.Disconnect(_a);
        _driver.HoldStore = false;
        _driver.ReleaseStore();
        _driver.Add(TestData.Block(2));

        Assert.Empty(_driver.TakeSent(_a));
        Assert.Empty(_driver.Engine.PeerWantlist(_a));
        Assert.Equal(0, _driver.Engine.Server.Wantlists.Waiting.Count);
        Assert.Equal(0, _driver.Engine.Context.OpenRequests);
        LedgerSnapshot ledger = Assert.IsType<LedgerSnapshot>(_driver.Engine.Ledger(_a));
        Assert.Equal((false, 5000L, 5000.0), (ledger.IsConnected, ledger.BytesSent, ledger.DebtRatio));
        _driver.Connect(_a);
        Assert.Equal(5000, _driver.Engine.Ledger(_a)!.BytesSent);
    }

    [Fact]
    public void Ledgers_of_absent_peers_are_bounded_the_oldest_go()
    {
        var driver = new EngineDriver(new EngineOptions { MaxLedgers = 3 });
        Block block = TestData.Block(1);
        driver.Store[block.Cid.Hash] = block.Data;
        for (int i = 0; i < 10; i++)
        {
            driver.Connect(TestData.Peer(i));
            driver.ReceiveWants(TestData.Peer(i), new WantlistEntry(block.Cid));
            driver.Disconnect(TestData.Peer(i));
        }

        Assert.Equal(3, driver.Engine.Ledgers().Count);
        Assert.Null(driver.Engine.Ledger(TestData.Peer(0)));
        Assert.NotNull(driver.Engine.Ledger(TestData.Peer(9)));
    }

    [Fact]
    public void A_score_counts_half_after_ten_minutes()
    {
        Block block = TestData.Block(1, 8000);
        _driver.Connect(_a);
        _driver.Want(block.Cid);
        _driver.ReceiveBlocks(_a, block);
        Assert.Equal(8000, _driver.Engine.Ledger(_a)!.Score);

        _driver.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(4000, _driver.Engine.Ledger(_a)!.Score, 0.001);
    }

    [Fact]
    public void A_client_only_engine_serves_nothing_and_says_so_when_asked()
    {
        var driver = new EngineDriver(new EngineOptions { ClientOnly = true });
        Block block = TestData.Block(1);
        driver.Store[block.Cid.Hash] = block.Data;
        driver.Connect(_a);
        driver.ReceiveWants(_a, new WantlistEntry(block.Cid), new WantlistEntry(TestData.Block(2).Cid, SendDontHave: true));

        BitswapMessage message = Assert.Single(driver.TakeSent(_a));
        Assert.Equal((0, 1), (message.Blocks.Count, message.Presences.Count));
        Assert.Empty(driver.Engine.PeerWantlist(_a));
    }

    [Fact]
    public void A_filter_keeps_a_block_from_a_peer_as_if_it_were_not_here()
    {
        Block block = TestData.Block(1);
        var driver = new EngineDriver(new EngineOptions { PeerFilter = (peer, cid) => !(peer.Equals(_a) && cid.Equals(block.Cid)) });
        driver.Store[block.Cid.Hash] = block.Data;
        driver.Connect(_a);
        driver.Connect(_b);
        driver.ReceiveWants(_a, new WantlistEntry(block.Cid, SendDontHave: true));
        driver.ReceiveWants(_b, new WantlistEntry(block.Cid, SendDontHave: true));

        Assert.Equal(PresenceType.DontHave, Assert.Single(Assert.Single(driver.TakeSent(_a)).Presences).Type);
        Assert.Single(Assert.Single(driver.TakeSent(_b)).Blocks);
    }

    [Theory]
    [InlineData(0, 200_000)]
    [InlineData(200_000, 0)]
    public void An_upload_rate_is_kept(long node, long peer)
    {
        var driver = new EngineDriver(new EngineOptions { UploadRate = node, PeerUploadRate = peer, ReplyTarget = 10_000 });
        Block[] blocks = [.. Enumerable.Range(0, 200).Select(i => TestData.Block(i, 10_000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select(b => new WantlistEntry(b.Cid))]);
        driver.Advance(TimeSpan.FromSeconds(5));

        // A quarter of a second at once, then the rate: about 105 blocks in 5 s, less what wraps them.
        Assert.InRange(driver.TakeSent(_a).Sum(m => m.Blocks.Count), 95, 110);
        driver.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(200, driver.Engine.Stat().BlocksSent);
    }

    [Theory]
    [InlineData(1024, 0)]
    [InlineData(0, 1024)]
    public void An_upload_rate_that_is_changed_holds_at_once(long node, long peer)
    {
        var slow = new EngineOptions { UploadRate = node, PeerUploadRate = peer, ReplyTarget = 10_000 };
        var driver = new EngineDriver(slow);
        Block[] blocks = [.. Enumerable.Range(0, 20).Select(i => TestData.Block(i, 10_000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select(b => new WantlistEntry(b.Cid))]);
        driver.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(driver.Engine.Stat().BlocksSent, 1, 2);

        driver.Engine.Configure(slow with { UploadRate = 0, PeerUploadRate = 0 }, driver.Now);
        driver.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(20, driver.Engine.Stat().BlocksSent);
    }

    [Fact]
    public void The_largest_block_that_a_message_holds_is_sent_and_a_larger_one_is_not_here()
    {
        Block fits = Stored(1, 4_194_286);
        Block tooLarge = Stored(2, 4_194_287);
        _driver.Connect(_a);
        _driver.ReceiveWants(_a, new WantlistEntry(fits.Cid, SendDontHave: true), new WantlistEntry(tooLarge.Cid, SendDontHave: true));

        List<BitswapMessage> sent = _driver.TakeSent(_a);
        Assert.Equal(fits.Cid, Assert.Single(sent.SelectMany(m => m.Blocks)).Cid);
        Assert.Equal(new BlockPresence(tooLarge.Cid, PresenceType.DontHave), Assert.Single(sent.SelectMany(m => m.Presences)));
        Assert.All(sent, m => Assert.InRange(MessageCodec.GetSize(m, BitswapVersion.V120), 1, 4 * 1024 * 1024));
    }

    [Fact]
    public void An_empty_block_is_a_block()
    {
        Block block = Stored(1, 0);
        _driver.Connect(_a);
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
        Assert.Equal(0, Assert.Single(Assert.Single(_driver.TakeSent(_a)).Blocks).Data.Length);
    }

    private Block Stored(int number, int size, ulong codec = Multicodec.Raw)
    {
        Block block = TestData.Block(number, size, codec);
        _driver.Store[block.Cid.Hash] = block.Data;
        return block;
    }
}
