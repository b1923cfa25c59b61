using Bitswap.Multiformats;

namespace Bitswap.Protocol.Tests.Server;

/// <summary>What becomes of a want that a peer repeats while its answer is on its way.</summary>
public sealed class RepeatedWantTests
{
    private static readonly PeerId _peer = TestData.Peer(1);
    private readonly EngineDriver _driver = new();
    private readonly Block _small = TestData.Block(1, 1000);

    public RepeatedWantTests()
    {
        _driver.Store[_small.Cid.Hash] = _small.Data;
        _driver.Connect(_peer);
        _driver.HoldSends = true;
    }

    [Fact]
    public void A_want_for_the_block_is_answered_though_a_small_one_was_under_way_as_word()
    {
        Ask(WantType.Have);
        Assert.Single(Assert.Single(_driver.TakeSent(_peer)).Blocks);

        Ask(WantType.Block);
        Assert.Empty(_driver.TakeSent(_peer));

        ReleaseAll();
        Assert.Equal(_small.Cid, Assert.Single(Assert.Single(_driver.TakeSent(_peer)).Blocks).Cid);
        Assert.Empty(_driver.Engine.PeerWantlist(_peer));
    }

    [Fact]
    public void A_block_that_went_from_the_store_is_then_said_not_to_be_here()
    {
        Ask(WantType.Have);
        Ask(WantType.Block);
        _driver.TakeSent(_peer);
        _driver.Store.Clear();

        ReleaseAll();

        Assert.Equal(PresenceType.DontHave, Assert.Single(Assert.Single(_driver.TakeSent(_peer)).Presences).Type);
        Assert.Single(_driver.Engine.PeerWantlist(_peer));
    }

    [Fact]
    public void What_could_not_be_sent_as_word_goes_out_once_as_the_block()
    {
        Ask(WantType.Have);
        Ask(WantType.Block);
        _driver.TakeSent(_peer);

        _driver.ReleaseSends(ok: false);
        ReleaseAll();

        Assert.Single(Assert.Single(_driver.TakeSent(_peer)).Blocks);
        Assert.Empty(_driver.Engine.PeerWantlist(_peer));
    }

    [Theory]
    [InlineData(WantType.Block, WantType.Block)]
    [InlineData(WantType.Block, WantType.Have)]
    [InlineData(WantType.Have, WantType.Have)]
    public void Another_repeated_want_is_not_served_twice(WantType first, WantType second)
    {
        Ask(first);
        Ask(second);
        ReleaseAll();

        Assert.Single(_driver.TakeSent(_peer));
        Assert.Empty(_driver.Engine.PeerWantlist(_peer));
    }

    [Fact]
    public void A_want_for_the_block_that_comes_while_it_is_read_needs_no_second_one()
    {
        _driver.HoldStore = true;
        Ask(WantType.Have);
        _driver.ReleaseStore(); // checked
        Ask(WantType.Block);
        _driver.HoldStore = false;
        _driver.ReleaseStore(); // read
        ReleaseAll();

        Assert.Single(Assert.Single(_driver.TakeSent(_peer)).Blocks);
    }

    private void Ask(WantType type) => _driver.ReceiveWants(_peer, new WantlistEntry(_small.Cid, Type: type, SendDontHave: true));

    private void ReleaseAll()
    {
        _driver.HoldSends = false;
        _driver.ReleaseSends();
    }
}
