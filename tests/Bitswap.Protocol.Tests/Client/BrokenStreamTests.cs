namespace Bitswap.Protocol.Tests.Client;

/// <summary>A peer that breaks off a stream has not sent what it was to send, and is asked for it again.</summary>
public sealed class BrokenStreamTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly EngineDriver _driver = new();
    private readonly Block[] _blocks = [.. Enumerable.Range(0, 8).Select(i => TestData.Block(i, 5000))];

    [Fact]
    public void What_has_not_come_is_withdrawn_in_a_message_of_its_own_and_asked_again_at_once()
    {
        _driver.Connect(_a);
        long[] ids = [.. _blocks.Select(block => _driver.Want(block.Cid, failFast: true))];
        _driver.Advance(TimeSpan.FromMilliseconds(10));
        _driver.ReceiveBlocks(_a, _blocks[..3]);
        _driver.TakeSent(_a);

        _driver.Break(_a);

        List<BitswapMessage> again = _driver.TakeSent(_a);
        Assert.Equal(2, again.Count);
        Assert.All(again, message => Assert.Equal(_blocks[3..].Select(block => block.Cid), message.Wantlist.Select(entry => entry.Cid)));
        Assert.All(again[0].Wantlist, entry => Assert.True(entry.Cancel));
        Assert.All(again[1].Wantlist, entry => Assert.Equal((WantType.Block, false), (entry.Type, entry.Cancel)));
        _driver.ReceiveBlocks(_a, _blocks[3..]);
        Assert.Equal(ids, _driver.Received);
        Assert.Equal(0, _driver.Engine.Stat().DuplicateBlocks);
    }

    [Fact]
    public void What_comes_from_another_before_it_is_asked_again_is_withdrawn_and_no_more()
    {
        var driver = new EngineDriver(new EngineOptions { MaxWantMessagesInFlight = 1 });
        driver.Connect(_a);
        long id = driver.Want(_blocks[0].Cid);
        driver.TakeSent(_a);
        driver.HoldSends = true;

        driver.Break(_a);
        driver.Connect(_b);
        driver.ReceiveBlocks(_b, _blocks[0]);
        driver.HoldSends = false;
        driver.ReleaseSends();

        Assert.Equal(id, Assert.Single(driver.Received));
        Assert.True(Assert.Single(driver.TakeEntries(_a)).Cancel);
    }

    [Fact]
    public void One_that_only_breaks_off_is_asked_ever_less_often_and_at_once_after_a_block()
    {
        _driver.Connect(_a);
        _driver.Want(_blocks[0].Cid, failFast: true);
        _driver.Want(_blocks[1].Cid, failFast: true);
        _driver.TakeSent(_a);
        int asked = 0;
        for (int i = 0; i < 300; i++)
        {
            _driver.Advance(TimeSpan.FromMilliseconds(100));
            if (_driver.TakeEntries(_a).Count > 0 || i == 0)
            {
                asked++;
                _driver.Break(_a);
            }
        }

        // at once, and after 0.25, 0.5, 1, 2, 4 and 8 s
        Assert.InRange(asked, 7, 9);
        _driver.ReceiveBlocks(_a, _blocks[0]);
        _driver.TakeSent(_a);
        _driver.Break(_a);
        Assert.Equal(_blocks[1].Cid, Assert.Single(_driver.TakeEntries(_a), entry => !entry.Cancel).Cid);
    }

    [Fact]
    public void Nothing_is_asked_again_of_a_peer_that_owes_nothing()
    {
        _driver.Connect(_a);
        _driver.Want(_blocks[0].Cid);
        _driver.ReceiveDontHave(_a, _blocks[0].Cid);
        _driver.TakeSent(_a);

        _driver.Break(_a);

        Assert.Empty(_driver.TakeSent(_a));
    }

    [Theory]
    [InlineData(PeerAnswerKind.Reset)]
    [InlineData(PeerAnswerKind.TooBig)]
    [InlineData(PeerAnswerKind.Malformed)]
    public void The_report_tells_what_the_peer_did_last(PeerAnswerKind how)
    {
        _driver.Connect(_a);
        _driver.Connect(_b);
        _driver.Want(_blocks[0].Cid, failFast: true, timeout: TimeSpan.FromSeconds(4));
        for (int i = 0; i < 40; i++)
        {
            _driver.Advance(TimeSpan.FromMilliseconds(100));
            foreach (PeerId peer in new[] { _a, _b })
            {
                if (_driver.TakeEntries(peer).Count > 0)
                {
                    _driver.Advance(TimeSpan.FromMilliseconds(1));
                    _driver.Break(peer, how);
                }
            }
        }

        WantEnded ended = Assert.Single(_driver.Ended);
        Assert.Equal(WantEndReason.Timeout, ended.Reason);
        Assert.Contains(ended.Answers, answer => answer.Kind == how);
    }
}
