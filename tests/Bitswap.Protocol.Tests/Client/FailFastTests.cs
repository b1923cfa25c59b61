namespace Bitswap.Protocol.Tests.Client;

/// <summary>When a want that is to fail fast does: only a no is a no.</summary>
public sealed class FailFastTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly EngineDriver _driver = new();
    private readonly Block _block = TestData.Block(1, 5000);

    [Fact]
    public void A_fail_fast_want_ends_as_soon_as_every_peer_said_no_with_the_table()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        long id = _driver.Want(_block.Cid, failFast: true);
        _driver.Advance(TimeSpan.FromMilliseconds(20));

        _driver.ReceiveDontHave(_a, _block.Cid);
        Assert.Empty(_driver.Ended);
        _driver.Advance(TimeSpan.FromMilliseconds(10));
        _driver.ReceiveDontHave(_b, _block.Cid);

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal((id, WantEndReason.NotFound), (ended.WantId, ended.Reason));
        Assert.Equal([_a, _b], ended.Answers.Select(a => a.Peer).Order());
        Assert.All(ended.Answers, a => Assert.Equal(PeerAnswerKind.DontHave, a.Kind));
        Assert.Contains(ended.Answers, a => a.Peer.Equals(_a) && a.Latency == TimeSpan.FromMilliseconds(20));
        Assert.Contains(ended.Answers, a => a.Peer.Equals(_b) && a.Latency == TimeSpan.FromMilliseconds(30));
    }

    [Fact]
    public void A_want_for_word_cannot_be_told_to_an_old_peer_and_the_table_says_so()
    {
        _driver.Connect(_a, BitswapVersion.V110);

        _driver.Want(_block.Cid, type: WantType.Have, failFast: true);

        Assert.Empty(_driver.TakeSent(_a));
        Assert.Equal(PeerAnswerKind.CannotAsk, Assert.Single(Assert.Single(_driver.Ended).Answers).Kind);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(29)]
    public void A_block_that_comes_late_is_received_since_silence_ends_no_want(double seconds)
    {
        _driver.Connect(_a);
        long id = _driver.Want(_block.Cid, failFast: true, timeout: TimeSpan.FromSeconds(30));
        _driver.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Empty(_driver.Ended);

        _driver.ReceiveBlocks(_a, _block);

        Assert.Equal([id], _driver.Received);
    }

    [Fact]
    public void Silence_ends_when_the_time_is_up_and_the_table_tells_how_long_it_was()
    {
        _driver.Connect(_a);
        _driver.Want(TestData.Block(7).Cid);
        _driver.ReceiveBlocks(_a, TestData.Block(7));
        _driver.Want(_block.Cid, failFast: true, timeout: TimeSpan.FromSeconds(12));

        _driver.Advance(TimeSpan.FromSeconds(11.9));
        Assert.Empty(_driver.Ended);
        Assert.Equal(1, _driver.Engine.Stat().SimulatedDontHaves);
        _driver.Advance(TimeSpan.FromSeconds(0.2));

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal(WantEndReason.Timeout, ended.Reason);
        PeerAnswer said = Assert.Single(ended.Answers);
        Assert.Equal((PeerAnswerKind.Silent, TimeSpan.FromSeconds(12)), (said.Kind, said.Latency));
    }

    [Fact]
    public void A_peer_that_says_HAVE_and_sends_late_is_waited_for_while_all_others_say_no()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        long id = _driver.Want(_block.Cid, failFast: true, timeout: TimeSpan.FromSeconds(60));
        _driver.ReceiveHave(_a, _block.Cid);
        _driver.ReceiveDontHave(_b, _block.Cid);
        _driver.Advance(TimeSpan.FromSeconds(40));
        Assert.Empty(_driver.Ended);

        _driver.ReceiveBlocks(_a, _block);

        Assert.Equal([id], _driver.Received);
    }

    [Fact]
    public void A_peer_that_goes_on_saying_HAVE_and_sends_nothing_has_not_said_no()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_block.Cid, failFast: true, timeout: TimeSpan.FromMinutes(10));
        _driver.ReceiveDontHave(_b, _block.Cid);
        for (int i = 0; i < 10; i++)
        {
            _driver.ReceiveHave(_a, _block.Cid);
            _driver.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Empty(_driver.Ended);
        _driver.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(WantEndReason.Timeout, Assert.Single(_driver.Ended).Reason);
    }

    [Fact]
    public void A_peer_that_breaks_its_promise_with_a_no_has_said_no()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_block.Cid, failFast: true);
        _driver.ReceiveDontHave(_b, _block.Cid);
        _driver.ReceiveHave(_a, _block.Cid);
        Assert.Empty(_driver.Ended);

        _driver.ReceiveDontHave(_a, _block.Cid);

        Assert.Equal(WantEndReason.NotFound, Assert.Single(_driver.Ended).Reason);
    }

    [Fact]
    public void When_the_silent_peer_leaves_those_that_said_no_are_all_there_is()
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_block.Cid, failFast: true);
        _driver.ReceiveDontHave(_b, _block.Cid);
        _driver.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(_driver.Ended);

        _driver.Disconnect(_a);

        Assert.Equal(WantEndReason.NotFound, Assert.Single(_driver.Ended).Reason);
    }

    [Fact]
    public void A_no_after_silence_is_a_no()
    {
        _driver.Connect(_a);
        _driver.Want(_block.Cid, failFast: true);
        _driver.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(_driver.Ended);

        _driver.ReceiveDontHave(_a, _block.Cid);

        Assert.Equal(PeerAnswerKind.DontHave, Assert.Single(Assert.Single(_driver.Ended).Answers).Kind);
    }
}
