namespace Bitswap.Protocol.Tests.Client;

/// <summary>Wants that ask peers for what is here, and questions that only certain peers may answer.</summary>
public sealed class SkipStoreTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private static readonly Block _block = TestData.Block(1);
    private readonly EngineDriver _driver = new();

    public SkipStoreTests()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
    }

    [Fact]
    public void A_peer_is_asked_whether_it_has_a_block_that_is_here()
    {
        _driver.Store[_block.Cid.Hash] = _block.Data;

        long id = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], skipStore: true);

        Assert.Empty(_driver.Results);
        Assert.Equal(WantType.Have, Assert.Single(_driver.TakeEntries(_a)).Type);
        Assert.Empty(_driver.TakeSent(_b));

        _driver.ReceiveHave(_a, _block.Cid);

        HaveReceived have = Assert.Single(_driver.Haves);
        Assert.Equal((id, _a), (have.WantId, have.From));
        Assert.Equal(0, _driver.Engine.Stat().Wants);
    }

    [Fact]
    public void A_peer_that_has_it_not_ends_the_question_though_the_block_is_here()
    {
        _driver.Store[_block.Cid.Hash] = _block.Data;
        long id = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], failFast: true, skipStore: true);

        _driver.ReceiveDontHave(_a, _block.Cid);

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal((id, WantEndReason.NotFound), (ended.WantId, ended.Reason));
        Assert.Equal(PeerAnswerKind.DontHave, Assert.Single(ended.Answers).Kind);
    }

    [Fact]
    public void A_block_is_fetched_though_it_is_here()
    {
        _driver.Store[_block.Cid.Hash] = _block.Data;
        long id = _driver.Want(_block.Cid, only: [_a], skipStore: true);

        _driver.ReceiveBlocks(_a, _block);

        BlockReceived received = Assert.IsType<BlockReceived>(Assert.Single(_driver.Results));
        Assert.Equal([id], received.WantIds);
        Assert.Equal(_a, received.From);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_wants_the_block_too_has_it_from_the_store_and_the_question_goes_on(bool wantsWord)
    {
        _driver.Store[_block.Cid.Hash] = _block.Data;
        long question = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], skipStore: true);

        long other = _driver.Want(_block.Cid, type: wantsWord ? WantType.Have : WantType.Block);

        EngineAction result = Assert.Single(_driver.Results);
        Assert.Null(wantsWord ? Assert.IsType<HaveReceived>(result).From : Assert.IsType<BlockReceived>(result).From);
        Assert.Equal([question], _driver.Engine.Wantlist().Select(item => item.WantId));
        Assert.Empty(_driver.TakeSent(_b));

        _driver.ReceiveHave(_a, _block.Cid);

        HaveReceived have = _driver.Haves.Last();
        Assert.Equal((question, _a), (have.WantId, have.From));
        Assert.NotEqual(question, other);
    }

    [Fact]
    public void Who_asks_only_the_store_is_answered_by_it_while_a_question_is_open()
    {
        _driver.Store[_block.Cid.Hash] = _block.Data;
        _driver.Want(_block.Cid, type: WantType.Have, only: [_a], skipStore: true);

        long local = _driver.Want(_block.Cid, localOnly: true);

        Assert.Equal([local], _driver.Received);
        long missing = _driver.Want(TestData.Block(2).Cid, type: WantType.Have, only: [_a], skipStore: true);
        long missed = _driver.Want(TestData.Block(2).Cid, localOnly: true);
        Assert.Equal((missed, WantEndReason.NotFound), _driver.Ended.Select(e => (e.WantId, e.Reason)).Single());
        Assert.Contains(missing, _driver.Engine.Wantlist().Select(item => item.WantId));
    }

    [Fact]
    public void A_question_that_comes_while_the_store_is_asked_is_put_to_the_peer_afterwards()
    {
        _driver.Store[_block.Cid.Hash] = _block.Data;
        _driver.HoldStore = true;
        long block = _driver.Want(_block.Cid);
        long question = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], skipStore: true);
        Assert.Empty(_driver.TakeSent(_a));

        _driver.ReleaseStore();

        Assert.Equal([block], _driver.Received);
        Assert.Equal(WantType.Have, Assert.Single(_driver.TakeEntries(_a)).Type);
        _driver.ReceiveHave(_a, _block.Cid);
        Assert.Equal(question, Assert.Single(_driver.Haves).WantId);
    }

    [Fact]
    public void A_block_that_is_put_leaves_a_question_alone()
    {
        long question = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], skipStore: true);
        _driver.TakeSent(_a);

        _driver.Add(_block);

        Assert.Empty(_driver.Results);
        Assert.Empty(_driver.TakeSent(_a));
        _driver.ReceiveHave(_a, _block.Cid);
        Assert.Equal((question, _a), _driver.Haves.Select(have => (have.WantId, have.From)).Single());
    }

    [Fact]
    public void A_block_that_is_put_ends_the_other_wants_and_the_question_is_put_again()
    {
        long question = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], skipStore: true);
        long block = _driver.Want(_block.Cid, only: [_b]);
        _driver.TakeSent(_a);

        _driver.Add(_block);

        Assert.Equal([block], _driver.Received);
        Assert.True(Assert.Single(_driver.TakeEntries(_b), entry => entry.Cancel).Cancel);
        Assert.Equal(WantType.Have, _driver.TakeEntries(_a).Last().Type);
        _driver.ReceiveDontHave(_a, _block.Cid);
        Assert.Empty(_driver.Haves);
        Assert.Equal([question], _driver.Engine.Wantlist().Select(item => item.WantId));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_question_to_one_peer_is_not_answered_by_the_block_of_another(bool skipStore)
    {
        long block = _driver.Want(_block.Cid, only: [_b]);
        long question = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], failFast: true, skipStore: skipStore);
        Assert.Equal(WantType.Have, Assert.Single(_driver.TakeEntries(_a)).Type);

        _driver.ReceiveBlocks(_b, _block);

        Assert.Equal([block], _driver.Received);
        Assert.Empty(_driver.Haves);
        Assert.Contains(_driver.TakeEntries(_a), entry => entry is { Type: WantType.Have, Cancel: false });

        _driver.ReceiveDontHave(_a, _block.Cid);

        Assert.Empty(_driver.Haves);
        Assert.Equal((question, WantEndReason.NotFound), _driver.Ended.Select(e => (e.WantId, e.Reason)).Single());
        Assert.Equal(0, _driver.Engine.Stat().Wants);
    }

    [Fact]
    public void A_question_to_one_peer_is_answered_by_its_own_block()
    {
        _driver.Want(_block.Cid, only: [_a]);
        long question = _driver.Want(_block.Cid, type: WantType.Have, only: [_a], skipStore: true);

        _driver.ReceiveBlocks(_a, _block);

        Assert.Equal((question, _a), _driver.Haves.Select(have => (have.WantId, have.From)).Single());
        Assert.Equal(0, _driver.Engine.Stat().Wants);
    }

    [Fact]
    public void A_question_to_a_peer_that_has_said_HAVE_is_answered_at_once()
    {
        _driver.Want(_block.Cid);
        PeerId hinted = Assert.Single(_driver.TakeEntries(_a)).Type == WantType.Have ? _a : _b;
        _driver.ReceiveHave(hinted, _block.Cid);
        Assert.Empty(_driver.Results);

        long question = _driver.Want(_block.Cid, type: WantType.Have, only: [hinted], skipStore: true);

        Assert.Equal((question, hinted), _driver.Haves.Select(have => (have.WantId, have.From)).Single());
    }

    [Fact]
    public void A_want_that_may_ask_nobody_is_refused() =>
        Assert.Throws<ArgumentException>(() => _driver.Want(_block.Cid, localOnly: true, skipStore: true));
}
