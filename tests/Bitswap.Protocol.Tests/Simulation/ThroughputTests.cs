using System.Diagnostics;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>The cost of the engine itself. The bounds are many times what it takes, to catch what grows with the square.</summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const int Count = 100_000;

    [Fact]
    public void A_hundred_thousand_wants_in_and_blocks_out_cost_little()
    {
        Cid[] cids = [.. Enumerable.Range(0, Count).Select(CidOf)];
        PeerId a = TestData.Peer(1);
        PeerId b = TestData.Peer(2);
        byte[] data = new byte[32];
        Exchange(cids[..2000]); // warm
        (TimeSpan time, long allocated) = Exchange(cids);

        output.WriteLine($"{time.TotalMilliseconds:F0} ms, {(double)allocated / Count:F0} bytes a block, both engines");
        Assert.True(time < TimeSpan.FromSeconds(20), $"{time}");
        Assert.InRange(allocated / Count, 0, 6000);

        (TimeSpan, long) Exchange(Cid[] wanted)
        {
            var client = new BitswapEngine(EngineOptions.Default, 1);
            var server = new BitswapEngine(EngineOptions.Default, 2);
            TimeSpan now = TimeSpan.FromSeconds(1);
            client.PeerConnected(b, BitswapVersion.V120, now);
            server.PeerConnected(a, BitswapVersion.V120, now);
            int received = 0;
            long before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            for (int i = 0; i < wanted.Length; i++)
            {
                client.Want(new WantRequest { Id = i, Cid = wanted[i], SessionId = 1 }, now);
            }

            bool busy = true;
            while (busy)
            {
                busy = Drain(client, server, a, has: false) | Drain(server, client, b, has: true);
                now += TimeSpan.FromMilliseconds(1);
            }

            watch.Stop();
            Assert.Equal(wanted.Length, received);
            return (watch.Elapsed, GC.GetAllocatedBytesForCurrentThread() - before);

            bool Drain(BitswapEngine engine, BitswapEngine other, PeerId self, bool has)
            {
                bool any = false;
                while (engine.TryDequeue(out EngineAction? action))
                {
                    any = true;
                    switch (action)
                    {
                        case SendMessage send:
                            engine.MessageSent(send.Peer, send.MessageId, true, now);
                            other.Receive(self, send.Message, now);
                            break;
                        case CheckBlocks check:
                            int[] sizes = new int[check.Cids.Count];
                            Array.Fill(sizes, has ? data.Length : -1);
                            engine.BlocksChecked(check.RequestId, sizes, now);
                            break;
                        case LoadBlocks load:
                            var loaded = new ReadOnlyMemory<byte>?[load.Cids.Count];
                            Array.Fill(loaded, has ? data : null);
                            engine.BlocksLoaded(load.RequestId, loaded, now);
                            break;
                        case StoreBlock store:
                            engine.BlockStored(store.RequestId, null, now);
                            break;
                        case BlockReceived block:
                            received += block.WantIds.Count;
                            break;
                    }
                }

                return any;
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_wants_are_cancelled_at_little_cost_and_leave_nothing()
    {
        Cid[] cids = [.. Enumerable.Range(0, Count).Select(CidOf)];
        var driver = new EngineDriver();
        driver.Connect(TestData.Peer(1));
        foreach (Cid cid in cids)
        {
            driver.Want(cid, run: false);
        }

        driver.Run();
        var watch = Stopwatch.StartNew();
        for (int i = 1; i <= Count; i++)
        {
            driver.Engine.CancelWant(i, driver.Now);
        }

        driver.Run();
        output.WriteLine($"{watch.Elapsed.TotalMilliseconds:F0} ms");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        List<WantlistEntry> entries = driver.TakeEntries(TestData.Peer(1));
        Assert.Equal(entries.Where(e => !e.Cancel).Select(e => e.Cid), entries.Where(e => e.Cancel).Select(e => e.Cid));
        Assert.Empty(driver.Engine.Client.Wants.All);
        driver.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(driver.Engine.NextDeadline);
        Assert.Equal((0, 0), (driver.Engine.Peers()[0].OutstandingWants, driver.Engine.Peers()[0].QueuedWants));
    }

    [Fact]
    public void Wants_that_come_and_go_without_peers_pile_nothing_up()
    {
        var driver = new EngineDriver();
        for (int i = 0; i < 50_000; i++)
        {
            driver.Cancel(driver.Want(CidOf(i), session: 7));
        }

        Assert.Empty(driver.Engine.Client.Wants.All);
        Assert.InRange(driver.Engine.Client.Sessions.All.Sum(s => s.Fresh.RawCount), 0, 200);
        Assert.Equal(0, driver.Engine.Context.Timers.Count);
    }

    [Fact]
    public void Sessions_that_come_and_go_are_bounded()
    {
        var driver = new EngineDriver(new EngineOptions { MaxIdleSessions = 10 });
        for (int i = 0; i < 1000; i++)
        {
            driver.Cancel(driver.Want(CidOf(i), session: i));
        }

        Assert.Equal(10, driver.Engine.Client.Sessions.Count);
    }

    private static Cid CidOf(int number)
    {
        byte[] digest = new byte[32];
        BitConverter.TryWriteBytes(digest, number);
        return Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Sha256, digest));
    }
}
