namespace Bitswap.Protocol.Tests.Client;

/// <summary>How the store is asked for what callers want.</summary>
public sealed class StoreLookupTests
{
    [Fact]
    public void Many_stored_blocks_are_loaded_in_parts_of_four_MiB()
    {
        var driver = new EngineDriver { HoldStore = true };
        Block[] blocks = [.. Enumerable.Range(0, 12).Select(i => TestData.Block(i, 1024 * 1024))];
        foreach (Block block in blocks)
        {
            driver.Store[block.Cid.Hash] = block.Data;
            driver.Want(block.Cid, run: false);
        }

        driver.Run();
        Assert.Equal(12, Assert.IsType<CheckBlocks>(Assert.Single(driver.HeldStoreRequests)).Cids.Count);
        driver.ReleaseStore();

        Assert.Equal([4, 4, 4], driver.HeldStoreRequests.Select(request => Assert.IsType<LoadBlocks>(request).Cids.Count));
        driver.ReleaseStore();
        Assert.Equal(12, driver.Received.Count());
    }
}
