using Bitswap.Protocol.Server;

namespace Bitswap.Protocol.Tests.Server;

/// <summary>What one peer's wants cost is charged to it: look-ups, evictions, and full wantlists that come in parts.</summary>
public sealed class FairLookupTests
{
    private static readonly PeerId _honest = TestData.Peer(1);
    private static readonly PeerId _flood = TestData.Peer(2);

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(63)]
    public void A_batch_of_look_ups_is_shared_evenly_by_those_who_wait(int floods)
    {
        var driver = new EngineDriver(new EngineOptions { MaxStoreRequests = 1 }) { HoldStore = true };
        for (int i = 0; i < floods; i++)
        {
            driver.Connect(TestData.Peer(10 + i));
            driver.ReceiveWants(TestData.Peer(10 + i), [.. Enumerable.Range(i * 5000, 5000).Select(n => new WantlistEntry(TestData.Absent(n)))]);
        }

        Block[] blocks = [.. Enumerable.Range(0, 64).Select(i => TestData.Block(i))];
        driver.Connect(_honest);
        driver.ReceiveWants(_honest, [.. blocks.Select(block => new WantlistEntry(block.Cid))]);
        int batches = 0;
        int looked = 0;
        while (looked < blocks.Length)
        {
            CheckBlocks check = Assert.IsType<CheckBlocks>(Assert.Single(driver.HeldStoreRequests));
            driver.HeldStoreRequests.Clear();
            looked += check.Cids.Count(cid => blocks.Any(block => block.Cid.Equals(cid)));
            driver.Engine.BlocksChecked(check.RequestId, [.. check.Cids.Select(_ => -1)], driver.Now);
            driver.Run();
            batches++;
        }

        // the first batch was full before the honest one asked; of 1024 each gets its part
        Assert.Equal(1 + (int)Math.Ceiling(64.0 / Math.Min(64, 1024 / (floods + 1))), batches);
    }

    [Theory]
    [InlineData(4, 6)]
    [InlineData(6, 4)]
    public void A_full_wantlist_in_parts_replaces_the_former_once_its_last_part_has_come(int repeated, int fresh)
    {
        var driver = new EngineDriver();
        driver.Connect(_honest);
        Receive(driver, Enumerable.Range(0, 10), full: true, continued: false, continuation: false);
        int[] next = [.. Enumerable.Range(0, repeated), .. Enumerable.Range(100, fresh)];

        Receive(driver, next[..3], full: true, continued: true, continuation: false);
        Receive(driver, next[3..7], full: false, continued: true, continuation: true);
        Assert.Equal(Enumerable.Range(0, 10).Union(next[..7]).Order(), Wanted(driver));

        // what comes meanwhile by another message is of the new list
        Receive(driver, [500], full: false, continued: false, continuation: false);
        Receive(driver, next[7..], full: false, continued: false, continuation: true);
        Assert.Equal(next.Append(500).Order(), Wanted(driver));
        Assert.Equal(3, driver.Engine.Stat().WantlistsReceived);
    }

    [Fact]
    public void The_order_of_eviction_is_kept_while_a_peer_is_over_its_bound_and_stays_small()
    {
        const int most = 200;
        var driver = new EngineDriver(new EngineOptions { MaxPeerWants = most }) { HoldStore = true };
        driver.Connect(_flood);
        PeerQueue queue = driver.Engine.ConnectedPeers.Single(peer => peer.Peer.Id.Equals(_flood)).Queue;
        for (int i = 0; i < 3000; i++)
        {
            // each is more important than those before it, so each evicts one, with a message of its own
            driver.ReceiveWants(_flood, new WantlistEntry(TestData.Absent(i), i));
            Assert.InRange(queue.RawEvictableCount, 0, (2 * most) + 65);
        }

        Assert.Equal(Enumerable.Range(3000 - most, most), driver.Engine.PeerWantlist(_flood).Select(want => want.Priority).Order());
    }

    private static void Receive(EngineDriver driver, IEnumerable<int> wants, bool full, bool continued, bool continuation)
    {
        driver.Engine.Receive(
            _honest,
            new BitswapMessage
            {
                Full = full,
                IsContinued = continued,
                IsContinuation = continuation,
                Wantlist = [.. wants.Select(i => new WantlistEntry(TestData.Absent(i), i))],
            },
            driver.Now);
        driver.Run();
    }

    private static IEnumerable<int> Wanted(EngineDriver driver) => driver.Engine.PeerWantlist(_honest).Select(want => want.Priority).Order();
}
