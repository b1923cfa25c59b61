namespace Bitswap.Protocol.Tests.Boxo;

/// <summary>What boxo's tests of its decision engine and its task merger name, in words of our own, as far as no other test here says it.</summary>
public sealed class DecisionEngineTests
{
    private static readonly PeerId _a = TestData.Peer(1);

    private readonly EngineDriver _driver = new();

    public DecisionEngineTests() => _driver.Connect(_a);

    [Theory]
    [InlineData(WantType.Have, WantType.Have, false)]
    [InlineData(WantType.Block, WantType.Block, true)]
    [InlineData(WantType.Block, WantType.Have, true)]
    [InlineData(WantType.Have, WantType.Block, true)]
    public void Two_waiting_wants_of_one_block_are_one_answer_the_block_if_either_asked_for_it(WantType first, WantType second, bool asBlock)
    {
        Block block = Put(5000);
        _driver.HoldStore = true;
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, 1, false, first));
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, 1, false, second));
        _driver.HoldStore = false;
        _driver.ReleaseStore();

        BitswapMessage message = Assert.Single(_driver.TakeSent(_a));
        Assert.Equal((asBlock ? 1 : 0, asBlock ? 0 : 1), (message.Blocks.Count, message.Presences.Count));
    }

    [Fact]
    public void Word_that_is_on_its_way_does_not_keep_the_block_from_being_asked_for()
    {
        Block block = Put(5000);
        _driver.HoldSends = true;
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid, 1, false, WantType.Have));
        Assert.Equal(PresenceType.Have, Assert.Single(Assert.Single(_driver.TakeSent(_a)).Presences).Type);
        _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
        Assert.Single(Assert.Single(_driver.TakeSent(_a)).Blocks);
    }

    [Fact]
    public void A_want_that_was_served_is_served_again_when_it_is_asked_again()
    {
        Block block = Put(5000);
        for (int i = 0; i < 3; i++)
        {
            _driver.ReceiveWants(_a, new WantlistEntry(block.Cid));
            Assert.Single(Assert.Single(_driver.TakeSent(_a)).Blocks);
        }
    }

    [Fact]
    public void A_filter_that_changes_its_mind_is_asked_anew_for_every_want()
    {
        bool allowed = false;
        var driver = new EngineDriver(new EngineOptions { PeerFilter = (_, _) => allowed });
        Block block = TestData.Block(1, 5000);
        driver.Store[block.Cid.Hash] = block.Data;
        driver.Connect(_a);
        var want = new WantlistEntry(block.Cid, SendDontHave: true);
        driver.ReceiveWants(_a, want);
        Assert.Equal(PresenceType.DontHave, Assert.Single(Assert.Single(driver.TakeSent(_a)).Presences).Type);
        allowed = true;
        driver.ReceiveWants(_a, want);
        Assert.Single(Assert.Single(driver.TakeSent(_a)).Blocks);
        allowed = false;
        driver.ReceiveWants(_a, want);
        Assert.Equal(PresenceType.DontHave, Assert.Single(Assert.Single(driver.TakeSent(_a)).Presences).Type);
    }

    [Fact]
    public void Both_ends_agree_on_what_went_between_them()
    {
        var network = new Simulation.SimNetwork(1);
        Simulation.SimNode a = network.Add(1);
        Simulation.SimNode b = network.Add(2);
        network.Connect(a, b);
        for (int i = 0; i < 20; i++)
        {
            Block block = TestData.Block(i, 1000 + i);
            (i % 2 == 0 ? a : b).Put(block);
            (i % 2 == 0 ? b : a).Want(block.Cid);
        }

        a.Drain();
        b.Drain();
        network.RunFor(TimeSpan.FromSeconds(5));
        LedgerSnapshot ofA = a.Engine.Ledger(b.Id)!;
        LedgerSnapshot ofB = b.Engine.Ledger(a.Id)!;
        Assert.Equal((10L, 10L), (ofA.BlocksSent, ofA.BlocksReceived));
        Assert.Equal((ofA.BytesSent, ofA.BytesReceived), (ofB.BytesReceived, ofB.BytesSent));
    }

    [Fact]
    public void In_a_full_list_missing_wants_give_way_then_lower_priorities_never_equal_ones()
    {
        var driver = new EngineDriver(new EngineOptions { MaxPeerWants = 8, MaxOutstandingReplyBytes = 64 * 1024, ReplyTarget = 1024 }) { HoldSends = true };
        driver.Connect(_a);
        Block[] here = [.. Enumerable.Range(0, 12).Select(i => TestData.Block(i, 100_000))];
        foreach (Block block in here)
        {
            driver.Store[block.Cid.Hash] = block.Data;
        }

        // One is being sent; seven wait, and one is missing.
        driver.ReceiveWants(_a, [.. here[..8].Select(b => new WantlistEntry(b.Cid, 5))]);
        driver.ReceiveWants(_a, new WantlistEntry(TestData.Absent(1), 9));
        Assert.Contains(driver.Engine.PeerWantlist(_a), w => w.Cid.Equals(TestData.Absent(1)));

        driver.ReceiveWants(_a, new WantlistEntry(here[8].Cid, 5));
        Cid[] listed = [.. driver.Engine.PeerWantlist(_a).Select(w => w.Cid)];
        Assert.Contains(here[8].Cid, listed);
        Assert.DoesNotContain(TestData.Absent(1), listed);

        driver.ReceiveWants(_a, new WantlistEntry(here[9].Cid, 5));
        Assert.DoesNotContain(driver.Engine.PeerWantlist(_a), w => w.Cid.Equals(here[9].Cid));

        driver.ReceiveWants(_a, new WantlistEntry(here[10].Cid, 6));
        Assert.Contains(driver.Engine.PeerWantlist(_a), w => w.Cid.Equals(here[10].Cid));
    }

    private Block Put(int size)
    {
        Block block = TestData.Block(1, size);
        _driver.Store[block.Cid.Hash] = block.Data;
        return block;
    }
}
