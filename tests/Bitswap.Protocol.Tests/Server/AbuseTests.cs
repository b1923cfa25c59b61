using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Tests.Server;

public sealed class AbuseTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private readonly EngineDriver _driver = new(new EngineOptions { MaxPeerWants = 1024 });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wantlist_is_bounded_however_it_is_sent(bool full)
    {
        _driver.Connect(_a);
        for (int i = 0; i < 5; i++)
        {
            WantlistEntry[] entries = [.. Enumerable.Range(i * 3000, 3000).Select(n => new WantlistEntry(TestData.Block(n).Cid))];
            _driver.Receive(_a, new BitswapMessage { Full = full, Wantlist = entries });
            Assert.InRange(_driver.Engine.PeerWantlist(_a).Count, 1000, 1024);
        }

        Assert.InRange(_driver.Engine.Server.Wantlists.Waiting.Count, 0, 1024);
        Assert.True(_driver.Engine.Stat().PeerWantsEvicted > 3000);
    }

    [Fact]
    public void A_list_full_of_missing_blocks_never_keeps_a_block_from_being_served()
    {
        _driver.Connect(_a);
        _driver.ReceiveWants(_a, [.. Enumerable.Range(0, 1024).Select(n => new WantlistEntry(TestData.Block(n).Cid, int.MaxValue))]);
        Block block = TestData.Block(5000, 3000);
        _driver.Store[block.Cid.Hash] = block.Data;

        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, int.MinValue));

        Assert.Equal(block.Cid, Assert.Single(_driver.TakeSent(_a).SelectMany(m => m.Blocks)).Cid);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_wants_over_the_cap_whose_blocks_are_here_the_least_important_give_way(bool full)
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWants = 10 });
        Block[] blocks = [.. Enumerable.Range(0, 30).Select(i => TestData.Block(i, 3000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.HoldStore = true;
        driver.Receive(_a, new BitswapMessage { Full = full, Wantlist = [.. blocks.Select((b, i) => new WantlistEntry(b.Cid, i))] });

        Assert.Equal(blocks[20..].Select(b => b.Cid).Order(), driver.Engine.PeerWantlist(_a).Select(w => w.Cid).Order());
        driver.ReceiveWants(_a, new WantlistEntry(blocks[0].Cid, 0));
        Assert.DoesNotContain(driver.Engine.PeerWantlist(_a), w => w.Cid.Equals(blocks[0].Cid));
    }

    [Fact]
    public void What_is_being_sent_does_not_count_and_is_bounded_by_its_bytes()
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWants = 10, MaxOutstandingReplyBytes = 64 * 1024, ReplyTarget = 1024 }) { HoldSends = true };
        Block[] blocks = [.. Enumerable.Range(0, 200).Select(i => TestData.Block(i, 3000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        foreach (Block block in blocks)
        {
            driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
            Assert.InRange(driver.Engine.PeerWantlist(_a).Count, 1, 10 + (64 * 1024 / 3000) + 1);
        }

        Assert.Equal(64 * 1024 / 3100 + 1, driver.HeldSends.Count);
    }

    [Fact]
    public void CIDs_that_are_too_long_and_identity_CIDs_are_ignored()
    {
        _driver.Connect(_a);
        Cid identity = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Identity, new byte[20]));
        Cid tooLong = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Sha512, new byte[64]));
        var driver = new EngineDriver(new EngineOptions { MaxCidLength = tooLong.ByteLength - 1 });
        driver.Connect(_a);

        driver.ReceiveWants(_a, new WantlistEntry(identity, SendDontHave: true), new WantlistEntry(tooLong, SendDontHave: true));

        Assert.Empty(driver.Engine.PeerWantlist(_a));
        Assert.Empty(driver.TakeSent(_a));
        Assert.Equal(2, driver.Engine.Stat().PeerWantsIgnored);
    }

    [Fact]
    public void Wants_that_are_never_cancelled_are_forgotten_after_an_hour_unless_repeated()
    {
        Block kept = TestData.Block(1);
        Block forgotten = TestData.Block(2);
        _driver.Connect(_a);
        _driver.ReceiveWants(_a, new WantlistEntry(kept.Cid), new WantlistEntry(forgotten.Cid));
        _driver.Advance(TimeSpan.FromMinutes(40));
        _driver.ReceiveWants(_a, new WantlistEntry(kept.Cid));
        _driver.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(kept.Cid, Assert.Single(_driver.Engine.PeerWantlist(_a)).Cid);
        Assert.Equal(1, _driver.Engine.Stat().PeerWantsExpired);
    }

    [Fact]
    public void Wants_and_cancels_in_quick_succession_pile_nothing_up_while_the_store_is_slow()
    {
        _driver.Connect(_a);
        _driver.HoldStore = true;
        for (int i = 0; i < 200; i++)
        {
            Cid[] cids = [.. Enumerable.Range(i * 100, 100).Select(n => TestData.Block(n).Cid)];
            _driver.ReceiveWants(_a, [.. cids.Select(c => new WantlistEntry(c))]);
            _driver.ReceiveWants(_a, [.. cids.Select(c => new WantlistEntry(c, Cancel: true))]);
        }

        Assert.InRange(_driver.HeldStoreRequests.Count, 1, _driver.Engine.Options.MaxStoreRequests);
        Assert.InRange(_driver.Engine.ConnectedPeers.Single(peer => peer.Peer.Id.Equals(_a)).Queue.UncheckedCount, 0, 400);
        Assert.Empty(_driver.Engine.PeerWantlist(_a));
    }

    [Fact]
    public void Messages_of_a_peer_that_is_not_connected_leave_nothing_behind()
    {
        Block block = TestData.Block(1);
        _driver.Store[block.Cid.Hash] = block.Data;
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));

        Assert.Empty(_driver.TakeSent(_a));
        Assert.Null(_driver.Engine.Ledger(_a));
        Assert.Equal(0, _driver.Engine.Server.Wantlists.Waiting.Count);
    }

    [Fact]
    public void Denied_wants_pile_nothing_up_for_a_peer_that_does_not_read()
    {
        var driver = new EngineDriver(new EngineOptions { ClientOnly = true, MaxPeerWants = 1024, MaxOutstandingReplyBytes = 64 * 1024, ReplyTarget = 1024 }) { HoldSends = true };
        driver.Connect(_a);
        for (int i = 0; i < 20; i++)
        {
            driver.ReceiveWants(_a, [.. Enumerable.Range(i * 1000, 1000).Select(n => new WantlistEntry(TestData.Block(n).Cid, SendDontHave: true))]);
        }

        Assert.InRange(driver.Engine.PeerWantlist(_a).Count, 0, 1024);
        Assert.InRange(driver.HeldSends.Count, 1, 200);
    }

    [Fact]
    public void A_hundred_thousand_wants_from_a_peer_cost_little_time()
    {
        WantlistEntry[] entries = [.. Enumerable.Range(0, 100_000).Select(n => new WantlistEntry(Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Sha256, Digest(n))), n))];
        var driver = new EngineDriver { HoldStore = true };
        driver.Connect(_a);
        var watch = System.Diagnostics.Stopwatch.StartNew();

        driver.Receive(_a, new BitswapMessage { Full = true, Wantlist = entries });

        Assert.Equal(65_536, driver.Engine.PeerWantlist(_a).Count);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}"); // a scan of the list for each would take minutes

        static byte[] Digest(int n)
        {
            byte[] digest = new byte[32];
            BitConverter.TryWriteBytes(digest, n);
            return digest;
        }
    }
}
