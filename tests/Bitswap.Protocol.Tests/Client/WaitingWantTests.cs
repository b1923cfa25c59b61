using Bitswap.Protocol.Tests.Simulation;

namespace Bitswap.Protocol.Tests.Client;

/// <summary>Wants for blocks that nobody has yet: each peer hears of each again and again, however many there are.</summary>
public sealed class WaitingWantTests(ITestOutputHelper output)
{
    private static readonly PeerId _a = TestData.Peer(1);
    private static readonly PeerId _b = TestData.Peer(2);

    [Fact]
    public void A_denied_want_is_told_again_after_pauses_that_double_from_two_seconds_to_thirty()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        Cid cid = TestData.Block(1).Cid;
        driver.Want(cid);
        driver.ReceiveDontHave(_a, cid);
        driver.TakeSent(_a);
        TimeSpan start = driver.Now;
        var at = new List<double>();
        while (driver.Now - start < TimeSpan.FromSeconds(150))
        {
            driver.Advance(TimeSpan.FromMilliseconds(100));
            if (driver.TakeEntries(_a) is [{ Cancel: false } again])
            {
                Assert.Equal((cid, WantType.Block), (again.Cid, again.Type));
                at.Add((driver.Now - start).TotalSeconds);
            }
        }

        Assert.Equal([2, 6, 14, 30, 60, 90, 120, 150], at.Select(t => Math.Round(t)));
    }

    [Fact]
    public void The_first_pause_is_the_one_that_is_set()
    {
        var driver = new EngineDriver(new EngineOptions { DeniedRetryDelay = TimeSpan.FromSeconds(11) });
        driver.Connect(_a);
        Cid cid = TestData.Block(1).Cid;
        driver.Want(cid);
        driver.ReceiveDontHave(_a, cid);
        driver.TakeSent(_a);
        driver.Advance(TimeSpan.FromSeconds(10.9));
        Assert.Empty(driver.TakeSent(_a));
        driver.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Single(driver.TakeEntries(_a));
    }

    [Theory]
    [InlineData(4000, 1)]
    [InlineData(9000, 2)]
    public void Each_of_thousands_comes_within_thirty_seconds_from_a_silent_peer_of_a_thousand(int count, ulong seed)
    {
        var network = new SimNetwork(seed);
        var random = new Random((int)seed);
        SimNode keeper = network.Add(1, new EngineOptions { MaxPeerWants = 1024 });
        SimNode waiter = network.Add(2);
        Block[] blocks = [.. Enumerable.Range(0, count).Select(i => TestData.Block(i, 64))];
        network.Connect(keeper, waiter);
        SwarmTests.WantAll(waiter, blocks);
        network.RunFor(TimeSpan.FromSeconds(100 + (random.NextDouble() * 30)));
        TimeSpan worst = TimeSpan.Zero;
        foreach (Block block in blocks.OrderBy(_ => random.Next()).Take(100))
        {
            // put there, and no word of it: as Helia does
            keeper.Put(block);
            TimeSpan added = network.Now;
            int got = waiter.Got.Count;
            Assert.True(network.RunUntil(() => waiter.Got.Count > got, TimeSpan.FromSeconds(31)), $"seed {seed}: not in {network.Now - added}");
            worst = network.Now - added > worst ? network.Now - added : worst;
        }

        output.WriteLine($"seed {seed}: at the most {worst.TotalSeconds:F1} s; {waiter.Engine.Stat().WantsResent} told again, {waiter.Engine.Stat().CancelsSent} cancels");
        SimChecks.Bounded(waiter);
    }

    [Fact]
    public void A_peer_that_never_answers_is_told_of_all_once_every_thirty_seconds()
    {
        var driver = new EngineDriver();
        driver.Connect(_a, BitswapVersion.V110);
        Block[] blocks = [.. Enumerable.Range(0, 4000).Select(i => TestData.Block(i))];
        foreach (Block block in blocks)
        {
            driver.Want(block.Cid, run: false);
        }

        driver.Run();
        for (int round = 0; round < 3; round++)
        {
            driver.Advance(TimeSpan.FromSeconds(30));
            List<WantlistEntry> told = driver.TakeEntries(_a);
            Assert.Equal(blocks.Length, told.Where(entry => !entry.Cancel).Select(entry => entry.Cid).Distinct().Count());

            // none is withdrawn to make room for others: only what it was silent about, right before it is told again
            Assert.All(told.GroupBy(entry => entry.Cid), entries => Assert.False(entries.Last().Cancel));
            Assert.InRange(told.Count(entry => entry.Cancel), 0, told.Count(entry => !entry.Cancel));
        }
    }

    [Fact]
    public void A_silent_peer_does_not_keep_another_from_hearing_of_all()
    {
        var network = new SimNetwork(3);
        SimNode waiter = network.Add(100);
        SimNode mute = network.Add(1);
        SimNode keeper = network.Add(2);
        mute.IsMute = true;
        network.Connect(mute, waiter);
        network.Connect(keeper, waiter);
        Block[] blocks = [.. Enumerable.Range(0, 4000).Select(i => TestData.Block(i, 64))];
        HashSet<Cid> told = [];
        waiter.OnSend = (peer, message) =>
        {
            if (peer.Equals(keeper.Id))
            {
                told.UnionWith(message.Wantlist.Where(entry => !entry.Cancel).Select(entry => entry.Cid));
            }
        };
        SwarmTests.WantAll(waiter, blocks);
        network.RunFor(TimeSpan.FromSeconds(20));

        Assert.Equal(4000, told.Count);
        Array.ForEach(blocks, keeper.Put);
        Assert.True(network.RunUntil(() => waiter.Open.Count == 0, TimeSpan.FromSeconds(31)));
    }

    [Fact]
    public void A_peer_that_adds_what_it_denied_and_says_nothing_is_fetched_from_within_seconds()
    {
        var driver = new EngineDriver();
        driver.Connect(_a);
        driver.Connect(_b);
        Block block = TestData.Block(1);
        driver.Want(block.Cid);
        driver.ReceiveDontHave(_a, block.Cid);
        driver.ReceiveDontHave(_b, block.Cid);
        driver.TakeSent(_a);
        driver.TakeSent(_b);

        driver.Advance(TimeSpan.FromSeconds(2.1));

        Assert.Equal(block.Cid, Assert.Single(driver.TakeEntries(_a)).Cid);
        Assert.Equal(block.Cid, Assert.Single(driver.TakeEntries(_b)).Cid);
        driver.ReceiveBlocks(_a, block);
        Assert.Single(driver.Received);
    }
}
