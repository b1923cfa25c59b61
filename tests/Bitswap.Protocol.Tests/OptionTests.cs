using Bitswap.Multiformats;

namespace Bitswap.Protocol.Tests;

/// <summary>Limits that other tests trip at their default only, set to something else.</summary>
public sealed class OptionTests
{
    private static readonly PeerId _a = TestData.Peer(1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_fail_fast_want_without_peers_ends_at_once_only_where_that_is_asked_for(bool atOnce)
    {
        var driver = new EngineDriver(new EngineOptions { FailFastWithoutPeers = atOnce });
        driver.Want(TestData.Block(1).Cid, failFast: true);
        Assert.Equal(atOnce ? 1 : 0, driver.Ended.Count(e => e.Reason == WantEndReason.NotFound));
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(0, 0, true)]
    [InlineData(3000, 3000, true)]
    [InlineData(3000, 3001, false)]
    public void WANT_HAVE_is_answered_with_a_block_up_to_the_size_that_is_set(int limit, int size, bool asBlock)
    {
        var driver = new EngineDriver(new EngineOptions { HaveToBlockSize = limit });
        Block block = TestData.Block(1, size);
        driver.Store[block.Cid.Hash] = block.Data;
        driver.Connect(_a);
        driver.ReceiveWants(_a, new WantlistEntry(block.Cid, 1, false, WantType.Have));
        Assert.Equal(asBlock ? 1 : 0, Assert.Single(driver.TakeSent(_a)).Blocks.Count);
    }

    [Fact]
    public void The_set_number_of_failed_messages_drops_a_peer_each_tried_after_the_set_delay()
    {
        var driver = new EngineDriver(new EngineOptions { MaxSendAttempts = 2, SendRetryDelay = TimeSpan.FromSeconds(3) }) { HoldSends = true };
        driver.Connect(_a);
        driver.Want(TestData.Block(1).Cid);
        driver.TakeSent(_a);
        driver.ReleaseSends(ok: false);
        driver.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Empty(driver.TakeSent(_a));
        driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Single(driver.TakeSent(_a));
        Assert.Empty(driver.Results.OfType<DropPeer>());
        driver.ReleaseSends(ok: false);
        Assert.Single(driver.Results.OfType<DropPeer>());
    }

    [Fact]
    public void Silence_moves_a_want_on_after_the_time_that_is_set()
    {
        var driver = new EngineDriver(new EngineOptions { DontHaveTimeout = TimeSpan.FromSeconds(1) });
        driver.Connect(_a);
        driver.Want(TestData.Block(1).Cid);
        driver.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(0, driver.Engine.Stat().SimulatedDontHaves);
        driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, driver.Engine.Stat().SimulatedDontHaves);
    }

    [Theory]
    [InlineData(0.001, 0.3)]
    [InlineData(60, 2)]
    public void Measured_silence_stays_between_the_least_and_the_most_that_are_set(double answer, double expected)
    {
        var driver = new EngineDriver(new EngineOptions
        {
            DontHaveTimeout = TimeSpan.FromMinutes(5),
            MinDontHaveTimeout = TimeSpan.FromSeconds(0.3),
            MaxDontHaveTimeout = TimeSpan.FromSeconds(2),
        });
        driver.Connect(_a);
        driver.Engine.PeerLatency(_a, TimeSpan.FromSeconds(answer), driver.Now);
        if (answer < 1)
        {
            driver.Want(TestData.Block(0).Cid);
            driver.Advance(TimeSpan.FromSeconds(answer));
            driver.ReceiveBlocks(_a, TestData.Block(0));
        }

        driver.Want(TestData.Block(1).Cid);
        driver.Advance(TimeSpan.FromSeconds(expected - 0.01));
        Assert.Equal(0, driver.Engine.Stat().SimulatedDontHaves);
        driver.Advance(TimeSpan.FromSeconds(0.02));
        Assert.Equal(1, driver.Engine.Stat().SimulatedDontHaves);
    }

    [Fact]
    public void A_want_that_is_not_answered_is_told_again_after_the_time_that_is_set()
    {
        var driver = new EngineDriver(new EngineOptions { ResendInterval = TimeSpan.FromSeconds(70) });
        driver.Connect(_a);
        driver.Want(TestData.Block(1).Cid);
        Assert.Single(driver.TakeEntries(_a));
        driver.Advance(TimeSpan.FromSeconds(69));
        Assert.Empty(driver.TakeEntries(_a));
        driver.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(driver.TakeEntries(_a), entry => !entry.Cancel);
    }

    [Fact]
    public void A_block_that_does_not_fit_a_message_of_the_size_that_is_set_is_not_here()
    {
        var driver = new EngineDriver(new EngineOptions { MaxMessageSize = 64 * 1024 });
        int largest = BlockRule.MaxSize(TestData.Absent(1), 64 * 1024);
        Block fits = TestData.Block(1, largest);
        Block tooLarge = TestData.Block(2, largest + 1);
        driver.Store[fits.Cid.Hash] = fits.Data;
        driver.Store[tooLarge.Cid.Hash] = tooLarge.Data;
        driver.Connect(_a);
        driver.ReceiveWants(_a, new WantlistEntry(fits.Cid, SendDontHave: true), new WantlistEntry(tooLarge.Cid, SendDontHave: true));

        List<BitswapMessage> sent = driver.TakeSent(_a);
        Assert.Equal(fits.Cid, Assert.Single(sent.SelectMany(m => m.Blocks)).Cid);
        Assert.Equal(new BlockPresence(tooLarge.Cid, PresenceType.DontHave), Assert.Single(sent.SelectMany(m => m.Presences)));
    }

    [Fact]
    public void A_peers_want_is_forgotten_after_the_time_that_is_set()
    {
        var driver = new EngineDriver(new EngineOptions { PeerWantExpiry = TimeSpan.FromSeconds(90) });
        driver.Connect(_a);
        driver.ReceiveWants(_a, new WantlistEntry(TestData.Block(1).Cid));
        driver.Advance(TimeSpan.FromSeconds(89));
        Assert.Single(driver.Engine.PeerWantlist(_a));
        driver.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(driver.Engine.PeerWantlist(_a));
        Assert.Equal(1, driver.Engine.Stat().PeerWantsExpired);
    }

    [Fact]
    public void A_stuck_session_searches_after_the_set_time_and_the_search_ends_after_its_own()
    {
        var driver = new EngineDriver(new EngineOptions
        {
            ProviderSearch = true,
            SessionFirstTick = TimeSpan.FromSeconds(4),
            ProviderSearchTimeout = TimeSpan.FromSeconds(2),
        });
        driver.Want(TestData.Block(1).Cid);
        driver.Advance(TimeSpan.FromSeconds(3.9));
        Assert.Empty(driver.Results.OfType<FindProviders>());
        driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Single(driver.Results.OfType<FindProviders>());
        Assert.Equal(1, driver.Engine.Client.Searches.OpenCount);
        driver.Advance(TimeSpan.FromSeconds(1.8));
        Assert.Equal(1, driver.Engine.Client.Searches.OpenCount);
        driver.Advance(TimeSpan.FromSeconds(0.3));
        Assert.Equal(0, driver.Engine.Client.Searches.OpenCount);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public void A_session_that_knows_its_peers_is_stuck_after_the_base_and_three_latencies(double seconds)
    {
        var driver = new EngineDriver(new EngineOptions { SessionTickBase = TimeSpan.FromSeconds(seconds) });
        driver.Connect(_a);
        driver.Want(TestData.Block(1).Cid);
        driver.Want(TestData.Block(2).Cid);
        driver.Advance(TimeSpan.FromMilliseconds(100));
        driver.ReceiveBlocks(_a, TestData.Block(1));

        // The timer of the first tick is still set; it finds that something was heard.
        driver.Advance(TimeSpan.FromSeconds(seconds + 0.2));
        Assert.Equal(0, driver.Engine.Client.Sessions.All.Single().TicksInRow);
        driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, driver.Engine.Client.Sessions.All.Single().TicksInRow);
    }
}
