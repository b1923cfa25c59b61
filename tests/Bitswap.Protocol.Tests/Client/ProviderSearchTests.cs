namespace Bitswap.Protocol.Tests.Client;

/// <summary>When providers are searched for, and what becomes of those that are found.</summary>
public sealed class ProviderSearchTests
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);
    private readonly Block _block = TestData.Block(1, 5000);

    [Fact]
    public void Providers_are_searched_for_before_a_want_fails_and_found_ones_are_asked()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true });
        driver.Connect(_a);
        driver.Want(_block.Cid, failFast: true);
        driver.ReceiveDontHave(_a, _block.Cid);
        FindProviders find = Assert.Single(driver.Results.OfType<FindProviders>());
        Assert.Equal(_block.Cid, find.Cid);
        Assert.Empty(driver.Ended);

        driver.Connect(_b);
        Assert.Equal(WantType.Block, Assert.Single(driver.TakeEntries(_b)).Type);
        driver.Engine.ProvidersFound(find.RequestId, [_b], finished: true, driver.Now);
        driver.Run();
        driver.ReceiveDontHave(_b, _block.Cid);

        Assert.Equal(WantEndReason.NotFound, Assert.Single(driver.Ended).Reason);
    }

    [Fact]
    public void A_provider_search_without_end_is_ended()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true });
        driver.Connect(_a);
        driver.Want(_block.Cid, failFast: true);
        driver.ReceiveDontHave(_a, _block.Cid);

        driver.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Empty(driver.Ended);
        driver.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Single(driver.Ended);
    }

    [Fact]
    public void A_session_without_peers_searches_after_a_second_and_not_again_in_the_same_run()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true });
        driver.Want(_block.Cid);
        driver.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Empty(driver.Results);
        driver.Advance(TimeSpan.FromMinutes(5));
        Assert.Single(driver.Results.OfType<FindProviders>());
    }

    [Fact]
    public void Where_no_peer_is_connected_or_on_its_way_providers_are_searched_for_at_once()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true, FailFastWithoutPeers = true });
        long fast = driver.Want(_block.Cid, failFast: true);
        driver.Want(_block.Cid);
        FindProviders find = Assert.Single(driver.Results.OfType<FindProviders>());
        Assert.Empty(driver.Ended);

        driver.Engine.ProvidersFound(find.RequestId, [], finished: true, driver.Now);
        driver.Run();
        WantEnded ended = Assert.Single(driver.Ended);
        Assert.Equal((fast, WantEndReason.NotFound), (ended.WantId, ended.Reason));
        Assert.Single(driver.Results.OfType<FindProviders>());

        // the other stays, and one more who asks has it searched for again
        driver.Want(_block.Cid, failFast: true);
        Assert.Equal(2, driver.Results.OfType<FindProviders>().Count());
    }

    [Fact]
    public void A_peer_that_a_search_finds_is_asked_and_not_counted_out_before_it_has_answered()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true, FailFastWithoutPeers = true });
        driver.Want(_block.Cid, failFast: true);
        FindProviders find = Assert.Single(driver.Results.OfType<FindProviders>());

        driver.Connect(_a);
        driver.Engine.ProvidersFound(find.RequestId, [_a], finished: false, driver.Now);
        driver.Engine.ProvidersFound(find.RequestId, [], finished: true, driver.Now);
        driver.Run();
        Assert.Empty(driver.Ended);
        Assert.Equal(WantType.Block, Assert.Single(driver.TakeEntries(_a)).Type);
        driver.ReceiveBlocks(_a, _block);

        Assert.Empty(driver.Ended);
        Assert.Single(driver.Store);
    }

    [Fact]
    public void Waiting_searches_are_left_out_once_a_peer_is_found_and_made_up_when_it_says_no()
    {
        var driver = new EngineDriver(new EngineOptions { ProviderSearch = true, FailFastWithoutPeers = true, MaxProviderSearches = 1 });
        Cid second = TestData.Block(2).Cid;
        driver.Want(_block.Cid, failFast: true);
        driver.Want(second, failFast: true);
        FindProviders find = Assert.Single(driver.Results.OfType<FindProviders>());
        Assert.Equal(_block.Cid, find.Cid);

        driver.Connect(_a);
        driver.Engine.ProvidersFound(find.RequestId, [_a], finished: true, driver.Now);
        driver.Run();
        Assert.Equal(2, driver.TakeEntries(_a).Count(entry => !entry.Cancel));
        Assert.Single(driver.Results.OfType<FindProviders>());

        driver.ReceiveDontHave(_a, second);
        Assert.Equal(second, driver.Results.OfType<FindProviders>().Last().Cid);
        Assert.Empty(driver.Ended);
    }
}
