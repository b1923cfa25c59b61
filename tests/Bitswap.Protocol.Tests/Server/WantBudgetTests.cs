namespace Bitswap.Protocol.Tests.Server;

/// <summary>Thousands of wants of one peer are kept, and those of all within a bound of bytes that is fair.</summary>
public sealed class WantBudgetTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);

    [Fact]
    public void Eight_thousand_wants_at_once_are_all_answered()
    {
        var driver = new EngineDriver();
        Block[] blocks = [.. Enumerable.Range(0, 8000).Select(i => TestData.Block(i))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select(block => new WantlistEntry(block.Cid))]);

        Assert.Equal(8000, driver.TakeSent(_a).Sum(message => message.Blocks.Count));
        Assert.Equal(0, driver.Engine.Server.Wantlists.Budget.Bytes);
    }

    [Fact]
    public void A_want_that_gives_way_is_answered_DONT_HAVE_where_that_was_asked_for()
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWants = 10 });
        Block[] blocks = [.. Enumerable.Range(0, 30).Select(i => TestData.Block(i, 3000))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. blocks.Select((block, i) => new WantlistEntry(block.Cid, i, SendDontHave: i % 2 == 0))]);

        List<BitswapMessage> sent = driver.TakeSent(_a);
        Assert.Equal(blocks[20..].Select(block => block.Cid).Order(), sent.SelectMany(message => message.Blocks).Select(block => block.Cid).Order());
        Assert.Equal(
            blocks[..20].Where((_, i) => i % 2 == 0).Select(block => new BlockPresence(block.Cid, PresenceType.DontHave)).OrderBy(presence => presence.Cid),
            sent.SelectMany(message => message.Presences).OrderBy(presence => presence.Cid));
        Assert.Equal(0, driver.Engine.Server.Wantlists.Budget.Bytes);
    }

    [Fact]
    public void A_missing_one_that_was_told_already_is_not_told_again_when_it_gives_way()
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWants = 10 });
        driver.Connect(_a);
        driver.ReceiveWants(_a, [.. Enumerable.Range(0, 10).Select(i => new WantlistEntry(TestData.Absent(i), SendDontHave: true))]);
        Assert.Equal(10, driver.TakeSent(_a).Sum(message => message.Presences.Count));

        driver.ReceiveWants(_a, [.. Enumerable.Range(10, 10).Select(i => new WantlistEntry(TestData.Absent(i), SendDontHave: true))]);

        Assert.Equal(Enumerable.Range(10, 10).Select(TestData.Absent).Order(), driver.TakeSent(_a).SelectMany(message => message.Presences).Select(presence => presence.Cid).Order());
        Assert.Equal(10, driver.Engine.PeerWantlist(_a).Count);
    }

    [Fact]
    public void An_old_peer_is_not_told_in_words_that_it_does_not_know()
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWants = 1 });
        driver.Connect(_a, BitswapVersion.V110);
        driver.ReceiveWants(_a, [.. Enumerable.Range(0, 10).Select(i => new WantlistEntry(TestData.Absent(i), SendDontHave: true))]);
        Assert.Empty(driver.TakeSent(_a));
    }

    [Fact]
    public void The_bytes_of_wants_and_refusals_are_bounded_for_a_peer_that_reads_nothing()
    {
        const int Most = 100_000;
        var driver = new EngineDriver(new EngineOptions { MaxPeerWantBytes = Most }) { HoldSends = true };
        driver.Connect(_a);
        for (int i = 0; i < 20; i++)
        {
            driver.ReceiveWants(_a, [.. Enumerable.Range(i * 1000, 1000).Select(n => new WantlistEntry(TestData.Absent(n), SendDontHave: true))]);
            Assert.InRange(driver.Engine.Server.Wantlists.Budget.Bytes, 0, Most);
        }

        Assert.InRange(driver.Engine.PeerWantlist(_a).Count, Most / 2 / 440, Most / 430);
        driver.Disconnect(_a);
        Assert.Equal(0, driver.Engine.Server.Wantlists.Budget.Bytes);
        Assert.Equal(0, driver.Engine.Server.Wantlists.Waiting.Count);
    }

    [Fact]
    public void A_modest_peer_loses_no_want_to_a_greedy_one_and_finds_room()
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWantBytes = 100_000 });
        driver.Connect(_a);
        driver.Connect(_b);
        driver.ReceiveWants(_a, [.. Enumerable.Range(0, 5000).Select(n => new WantlistEntry(TestData.Absent(n), int.MaxValue))]);
        int greedy = driver.Engine.PeerWantlist(_a).Count;

        WantlistEntry[] modest = [.. Enumerable.Range(9000, 50).Select(n => new WantlistEntry(TestData.Absent(n), int.MinValue))];
        driver.ReceiveWants(_b, modest);
        Assert.Equal(50, driver.Engine.PeerWantlist(_b).Count);
        Assert.InRange(driver.Engine.PeerWantlist(_a).Count, greedy - 51, greedy - 49);

        driver.ReceiveWants(_a, [.. Enumerable.Range(20_000, 5000).Select(n => new WantlistEntry(TestData.Absent(n), int.MaxValue))]);
        Assert.Equal(50, driver.Engine.PeerWantlist(_b).Count);
        Assert.InRange(driver.Engine.PeerWantlist(_a).Count, greedy - 51, greedy - 49);
    }

    [Fact]
    public void Two_greedy_peers_share_alike()
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWantBytes = 200_000 });
        driver.Connect(_a);
        driver.Connect(_b);
        for (int i = 0; i < 20; i++)
        {
            driver.ReceiveWants(_a, [.. Enumerable.Range(i * 500, 500).Select(n => new WantlistEntry(TestData.Absent(n)))]);
            driver.ReceiveWants(_b, [.. Enumerable.Range(i * 500, 500).Select(n => new WantlistEntry(TestData.Absent(n)))]);
        }

        int[] kept = [driver.Engine.PeerWantlist(_a).Count, driver.Engine.PeerWantlist(_b).Count];
        Assert.InRange(kept.Max() - kept.Min(), 0, 2);
        Assert.InRange(kept.Sum(), 440, 460);
    }
}
