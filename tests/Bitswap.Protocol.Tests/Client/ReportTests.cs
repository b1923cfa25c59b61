namespace Bitswap.Protocol.Tests.Client;

/// <summary>What the table of a want that ended says of each peer is what the peer did.</summary>
public sealed class ReportTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly EngineDriver _driver = new(new EngineOptions { FailFastWithoutPeers = true });
    private readonly Block _block = TestData.Block(1, 5000);

    [Fact]
    public void A_wrong_block_is_told_and_the_silence_after_it()
    {
        Ask();
        _driver.Advance(TimeSpan.FromSeconds(1));
        _driver.ReceiveBlocks(_a, TestData.Block(2));

        PeerAnswer said = Assert.Single(TimeOut().Answers);
        Assert.Equal((PeerAnswerKind.WrongBlock, TimeSpan.FromSeconds(1), "and was silent since, for 19.0 s"), (said.Kind, said.Latency, said.Detail));
        BlockRefused refused = Assert.Single(_driver.Results.OfType<BlockRefused>());
        Assert.Equal((_a, TestData.Block(2).Cid, 100), (refused.Peer, refused.Cid, refused.Size));
    }

    [Theory]
    [InlineData(1, 0, PeerAnswerKind.UnknownHash)]
    [InlineData(0, 1, PeerAnswerKind.TooBig)]
    public void A_block_that_is_left_out_is_told(int rejected, int oversized, PeerAnswerKind kind)
    {
        Ask();
        _driver.Advance(TimeSpan.FromSeconds(1));
        _driver.Receive(_a, new BitswapMessage { RejectedBlocks = rejected, OversizedBlocks = oversized });

        Assert.Equal(kind, Assert.Single(TimeOut().Answers).Kind);
    }

    [Fact]
    public void What_a_peer_did_before_it_was_asked_says_nothing_of_the_want()
    {
        _driver.Connect(_a);
        _driver.ReceiveBlocks(_a, TestData.Block(2));
        _driver.Advance(TimeSpan.FromSeconds(1));
        _driver.Want(_block.Cid, failFast: true, timeout: TimeSpan.FromSeconds(20));

        Assert.Equal(PeerAnswerKind.Silent, Assert.Single(TimeOut().Answers).Kind);
    }

    [Fact]
    public void A_no_after_a_wrong_block_is_a_no()
    {
        Ask();
        _driver.ReceiveBlocks(_a, TestData.Block(2));
        _driver.ReceiveDontHave(_a, _block.Cid);

        Assert.Equal(PeerAnswerKind.DontHave, Assert.Single(Assert.Single(_driver.Ended).Answers).Kind);
    }

    [Theory]
    [InlineData(false, PeerAnswerKind.Refused)]
    [InlineData(true, PeerAnswerKind.WrongBlock)]
    public void What_a_network_made_a_no_of_is_told_as_what_it_was(bool isWrong, PeerAnswerKind kind)
    {
        Ask();
        _driver.ReceiveBlocks(_a, TestData.Block(3));
        _driver.Advance(TimeSpan.FromSeconds(1));
        _driver.Receive(_a, new BitswapMessage
        {
            Blocks = isWrong ? [TestData.Block(2)] : [],
            Presences = [new BlockPresence(_block.Cid, PresenceType.DontHave, "it answered 451")],
        });

        PeerAnswer said = Assert.Single(Assert.Single(_driver.Ended).Answers);
        Assert.Equal((kind, "it answered 451"), (said.Kind, said.Detail));
    }

    [Fact]
    public void A_block_that_was_asked_for_and_withdrawn_is_no_wrong_one()
    {
        Ask();
        _driver.Cancel(_driver.Want(TestData.Block(2).Cid));
        _driver.ReceiveBlocks(_a, TestData.Block(2));

        Assert.Equal(PeerAnswerKind.Silent, Assert.Single(TimeOut().Answers).Kind);
        Assert.Empty(_driver.Results.OfType<BlockRefused>());
    }

    [Fact]
    public void HAVE_without_a_block_is_told()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_block.Cid, failFast: true, timeout: TimeSpan.FromSeconds(4));
        PeerId asked = _driver.TakeEntries(_a).Exists(entry => entry.Type == WantType.Block) ? _a : _b;
        PeerId other = asked.Equals(_a) ? _b : _a;
        _driver.ReceiveHave(other, _block.Cid);

        IReadOnlyList<PeerAnswer> said = TimeOut(4).Answers;
        Assert.Equal(PeerAnswerKind.Have, said.Single(answer => answer.Peer.Equals(other)).Kind);
        Assert.Equal(PeerAnswerKind.Waiting, said.Single(answer => answer.Peer.Equals(asked)).Kind);
    }

    [Fact]
    public void A_peer_that_speaks_no_Bitswap_is_told_and_ends_a_want_for_it_alone()
    {
        _driver.Engine.PeerUnfit(_a, PeerAnswerKind.NoBitswap, "it speaks none of 1.2.0", _driver.Now);
        _driver.Want(_block.Cid, failFast: true, only: [_a]);

        PeerAnswer said = Assert.Single(Assert.Single(_driver.Ended).Answers);
        Assert.Equal((_a, PeerAnswerKind.NoBitswap, "it speaks none of 1.2.0"), (said.Peer, said.Kind, said.Detail));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_ends_a_want_for_it_alone_when_that_is_found_out_and_no_other(bool alone)
    {
        var driver = new EngineDriver();
        driver.Want(_block.Cid, failFast: true, only: alone ? [_a] : null);
        Assert.Empty(driver.Ended);
        driver.Engine.PeerUnfit(_a, PeerAnswerKind.NoBitswap, "no", driver.Now);
        driver.Run();
        Assert.Equal(alone ? 1 : 0, driver.Ended.Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_told_no_longer_when_it_speaks_Bitswap_or_is_gone(bool gone)
    {
        _driver.Engine.PeerUnfit(_a, PeerAnswerKind.NoBitswap, "no", _driver.Now);
        if (gone)
        {
            _driver.Disconnect(_a);
        }
        else
        {
            _driver.Connect(_a);
        }

        _driver.Want(_block.Cid, failFast: true);
        _driver.ReceiveDontHave(_a, _block.Cid);
        Assert.DoesNotContain(Assert.Single(_driver.Ended).Answers, answer => answer.Kind == PeerAnswerKind.NoBitswap);
        Assert.Empty(_driver.Engine.Client.Policy.Unfit);
    }

    [Fact]
    public void What_a_peer_says_over_a_new_connection_replaces_what_it_did_before()
    {
        Ask();
        _driver.Disconnect(_a, new PeerLoss(true, false, "closed"));
        _driver.Connect(_a);
        _driver.ReceiveDontHave(_a, _block.Cid);

        Assert.Equal(PeerAnswerKind.DontHave, Assert.Single(Assert.Single(_driver.Ended).Answers).Kind);
    }

    [Fact]
    public void That_a_peer_hung_up_is_told_until_it_says_more_over_a_new_connection()
    {
        Ask();
        _driver.Disconnect(_a, new PeerLoss(true, false, "closed"));
        _driver.Advance(TimeSpan.FromSeconds(19));
        _driver.Connect(_a);

        Assert.Equal(PeerAnswerKind.HungUp, Assert.Single(TimeOut(1).Answers).Kind);
    }

    private void Ask()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid, session: 1, failFast: true, timeout: TimeSpan.FromSeconds(20));
    }

    private WantEnded TimeOut(double seconds = 20)
    {
        _driver.Advance(TimeSpan.FromSeconds(seconds));
        return Assert.Single(_driver.Ended, ended => ended.Reason == WantEndReason.Timeout);
    }
}
