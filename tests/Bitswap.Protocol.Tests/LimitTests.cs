namespace Bitswap.Protocol.Tests;

/// <summary>Limits that no other test trips.</summary>
public sealed class LimitTests
{
    private static readonly PeerId _a = TestData.Peer(1);

    [Fact]
    public void Nothing_more_is_asked_for_while_the_store_is_behind()
    {
        var driver = new EngineDriver(new EngineOptions { MaxStoringBytes = 64 * 1024, MaxOutstandingWants = 4 });
        driver.Connect(_a);
        Block[] blocks = [.. Enumerable.Range(0, 20).Select(i => TestData.Block(i, 40_000))];
        foreach (Block block in blocks)
        {
            driver.Want(block.Cid);
        }

        Assert.Equal(4, driver.TakeEntries(_a).Count);
        driver.HoldStore = true;
        driver.ReceiveBlocks(_a, blocks[..3]);
        Assert.Empty(driver.TakeEntries(_a));

        driver.HoldStore = false;
        driver.ReleaseStore();
        Assert.Equal(3, driver.TakeEntries(_a).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void No_more_wantlists_are_under_way_to_a_peer_than_is_set(int most)
    {
        var driver = new EngineDriver(new EngineOptions { MaxWantMessagesInFlight = most }) { HoldSends = true };
        driver.Connect(_a);
        for (int i = 0; i < 6; i++)
        {
            driver.Want(TestData.Block(i).Cid);
        }

        Assert.Equal(most, driver.TakeSent(_a).Count);

        // What gathered meanwhile goes out as one.
        driver.ReleaseSends();
        Assert.Equal(6 - most, Assert.Single(driver.TakeSent(_a)).Wantlist.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void A_session_asks_no_more_peers_directly_than_is_set(int most)
    {
        var driver = new EngineDriver(new EngineOptions { MaxSessionPeers = most });
        PeerId[] peers = [.. Enumerable.Range(1, 8).Select(TestData.Peer)];
        Array.ForEach(peers, p => driver.Connect(p));
        driver.Want(TestData.Block(1).Cid);
        Assert.Equal(most, peers.Count(p => driver.TakeEntries(p).Count > 0));
    }

    [Fact]
    public void Only_so_many_provider_searches_are_open_at_once()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true, MaxProviderSearches = 2 });
        driver.Connect(_a);
        Cid[] cids = [.. Enumerable.Range(0, 5).Select(i => TestData.Block(i).Cid)];
        foreach (Cid cid in cids)
        {
            driver.Want(cid, failFast: true);
            driver.ReceiveDontHave(_a, cid);
        }

        FindProviders[] open = [.. driver.Results.OfType<FindProviders>()];
        Assert.Equal(cids[..2], open.Select(f => f.Cid));
        driver.Engine.ProvidersFound(open[0].RequestId, [], finished: true, driver.Now);
        driver.Run();
        Assert.Equal(cids[2], driver.Results.OfType<FindProviders>().Last().Cid);
        Assert.Single(driver.Ended);
    }

    [Fact]
    public void Blocks_received_long_ago_are_unwanted_and_no_longer_duplicates()
    {
        var driver = new EngineDriver(new EngineOptions { RecentBlocks = 2 });
        driver.Connect(_a);
        for (int i = 0; i < 3; i++)
        {
            driver.Want(TestData.Block(i).Cid);
            driver.ReceiveBlocks(_a, TestData.Block(i));
        }

        driver.ReceiveBlocks(_a, TestData.Block(0), TestData.Block(1));
        Assert.Equal((1L, 1L), (driver.Engine.Stat().DuplicateBlocks, driver.Engine.Stat().UnwantedBlocks));
    }

    [Fact]
    public void Many_look_ups_are_checked_in_batches_and_hits_read_a_few_megabytes_at_a_time()
    {
        var driver = new EngineDriver(new EngineOptions { MaxCheckedCids = 10, MaxStoreRequests = 2 }) { HoldStore = true };
        Block[] blocks = [.. Enumerable.Range(0, 40).Select(i => TestData.Block(i, 1_000_000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
            driver.Want(block.Cid, run: false);
        }

        driver.Run();
        for (int round = 0; driver.Received.Count() < 40; round++)
        {
            Assert.InRange(round, 0, 30);
            Assert.InRange(driver.HeldStoreRequests.Count, 1, 2);
            Assert.All(driver.HeldStoreRequests.OfType<CheckBlocks>(), c => Assert.InRange(c.Cids.Count, 1, 10));
            Assert.All(driver.HeldStoreRequests.OfType<LoadBlocks>(), l => Assert.InRange(l.Cids.Count, 1, 4));
            driver.ReleaseStore();
        }
    }

    [Fact]
    public void A_waiting_peer_becomes_urgent_when_it_waited_too_long()
    {
        var driver = new EngineDriver(new EngineOptions { StarvationLimit = TimeSpan.FromSeconds(2), MaxOutstandingReplyBytes = 64 * 1024, ReplyTarget = 1024 }) { HoldSends = true };
        Block[] blocks = [.. Enumerable.Range(0, 10).Select(i => TestData.Block(i, 600_000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select(b => new WantlistEntry(b.Cid))]);
        Assert.False(driver.Engine.ConnectedPeers.Single(peer => peer.Peer.Id.Equals(_a)).Queue.IsUrgent);
        driver.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(driver.Engine.ConnectedPeers.Single(peer => peer.Peer.Id.Equals(_a)).Queue.IsUrgent);
        driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(driver.Engine.ConnectedPeers.Single(peer => peer.Peer.Id.Equals(_a)).Queue.IsUrgent);
    }

    [Fact]
    public void An_answer_of_the_store_to_no_request_or_of_another_length_is_refused()
    {
        var driver = new EngineDriver { HoldStore = true };
        driver.Want(TestData.Block(1).Cid);
        long id = Assert.IsType<LoadBlocks>(Assert.Single(driver.HeldStoreRequests)).RequestId;

        Assert.Throws<ArgumentException>(() => driver.Engine.BlocksLoaded(id + 1, [null], driver.Now));
        Assert.Throws<ArgumentException>(() => driver.Engine.BlocksLoaded(id, [null, null], driver.Now));
        Assert.Throws<ArgumentException>(() => driver.Engine.BlockStored(id, null, driver.Now));
        driver.Engine.BlocksLoaded(id, [null], driver.Now);
        Assert.Throws<ArgumentException>(() => driver.Engine.BlocksLoaded(id, [null], driver.Now));
    }

    [Fact]
    public void The_same_calls_and_seed_give_the_same_actions()
    {
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));

        static string Run(ulong seed)
        {
            var driver = new EngineDriver(seed: seed);
            PeerId[] peers = [.. Enumerable.Range(1, 12).Select(TestData.Peer)];
            Array.ForEach(peers, p => driver.Connect(p));
            for (int i = 0; i < 50; i++)
            {
                driver.Want(TestData.Block(i).Cid);
            }

            return string.Join('\n', peers.Select(p => string.Join(' ', driver.TakeEntries(p).Select(e => $"{e.Cid}/{e.Type}"))));
        }
    }
}
