namespace Bitswap.Protocol.Tests.Server;

/// <summary>Messages whose wantlist a host decides on before the engine hears of it.</summary>
public sealed class DecidedWantsTests
{
    private static readonly HashSet<Cid> _nothing = [];
    private readonly EngineDriver _driver = new();
    private readonly PeerId _peer = TestData.Peer(1);

    [Fact]
    public void The_answers_of_a_message_count_at_once_and_its_wants_when_they_are_decided()
    {
        Block ours = TestData.Block(1);
        Block theirs = TestData.Block(2);
        _driver.Add(theirs);
        _driver.Connect(_peer);
        long want = _driver.Want(ours.Cid);
        _driver.TakeSent(_peer);
        BitswapMessage message = new() { Blocks = [ours], Wantlist = [new WantlistEntry(theirs.Cid, 1, false, WantType.Block, true)] };

        _driver.Engine.ReceiveAnswers(_peer, message, _driver.Now);
        _driver.Run();
        Assert.Equal([want], _driver.Received);
        Assert.Empty(_driver.Engine.PeerWantlist(_peer));
        Assert.Empty(_driver.TakeSent(_peer).SelectMany(sent => sent.Blocks));

        _driver.Engine.ReceiveWants(_peer, message, _nothing, _driver.Now);
        _driver.Run();
        Assert.Equal(theirs.Cid, Assert.Single(_driver.TakeSent(_peer).SelectMany(sent => sent.Blocks)).Cid);
        Assert.Equal(1, _driver.Engine.Stat().MessagesReceived);
        Assert.Equal(1, _driver.Engine.Stat().BlocksReceived);
    }

    [Fact]
    public void What_is_denied_is_not_here_and_the_rest_is()
    {
        Block open = TestData.Block(1);
        Block secret = TestData.Block(2);
        _driver.Add(open);
        _driver.Add(secret);
        _driver.Connect(_peer);
        BitswapMessage message = new()
        {
            Wantlist = [new WantlistEntry(open.Cid, 1, false, WantType.Block, true), new WantlistEntry(secret.Cid, 1, false, WantType.Block, true)],
        };

        _driver.Engine.ReceiveWants(_peer, message, new HashSet<Cid> { secret.Cid }, _driver.Now);
        _driver.Run();

        List<BitswapMessage> sent = _driver.TakeSent(_peer);
        Assert.Equal(open.Cid, Assert.Single(sent.SelectMany(answer => answer.Blocks)).Cid);
        Assert.Equal(new BlockPresence(secret.Cid, PresenceType.DontHave), Assert.Single(sent.SelectMany(answer => answer.Presences)));
        Assert.Equal(1, _driver.Engine.Stat().PeerWantsDenied);
        Assert.Empty(_driver.Engine.PeerWantlist(_peer));
    }

    [Fact]
    public void A_peer_that_is_gone_by_then_is_ignored()
    {
        BitswapMessage message = new() { Blocks = [TestData.Block(1)], Wantlist = [new WantlistEntry(TestData.Block(2).Cid, 1, false, WantType.Block, true)] };
        _driver.Engine.ReceiveAnswers(_peer, message, _driver.Now);
        _driver.Engine.ReceiveWants(_peer, message, _nothing, _driver.Now);
        _driver.Run();
        Assert.Equal(0, _driver.Engine.Stat().MessagesReceived);
        Assert.Equal(0, _driver.Engine.Stat().PeerWantsReceived);
    }

    [Fact]
    public void A_score_halves_in_its_half_life_and_outlives_the_connection()
    {
        Block block = TestData.Block(1);
        _driver.Connect(_peer);
        Assert.Equal(0, _driver.Engine.Score(_peer));
        _driver.Want(block.Cid);
        _driver.ReceiveBlocks(_peer, block);
        Assert.Equal(block.Data.Length, _driver.Engine.Score(_peer), 3);
        _driver.Disconnect(_peer);
        _driver.Advance(BitswapEngine.ScoreHalfLife);
        Assert.Equal(block.Data.Length / 2.0, _driver.Engine.Score(_peer), 3);
    }

    [Fact]
    public void A_peer_s_want_tells_when_it_was_first_asked()
    {
        _driver.Connect(_peer);
        TimeSpan asked = _driver.Now;
        WantlistEntry entry = new(TestData.Block(1).Cid, 1, false, WantType.Block, false);
        _driver.ReceiveWants(_peer, entry);
        _driver.Advance(TimeSpan.FromSeconds(40));
        _driver.ReceiveWants(_peer, entry);
        Assert.Equal(asked, Assert.Single(_driver.Engine.PeerWantlist(_peer)).Since);
    }
}
