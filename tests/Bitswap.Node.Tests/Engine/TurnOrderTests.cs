using Bitswap.Node.Engine;
using Bitswap.Protocol;

namespace Bitswap.Node.Tests.Engine;

/// <summary>Peers take turns of equal cost. All inputs are posted before the loop runs, so the order is decided by the rule alone.</summary>
public sealed class TurnOrderTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly EngineLoop _loop = new(new BitswapEngine(new EngineOptions(), seed: 1), TimeProvider.System, capacity: 1024, (_, _) => { });
    private readonly List<(string Peer, int Cost)> _applied = [];

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(64)]
    public async Task What_one_asks_now_and_then_does_not_wait_for_the_queues_of_floods(int floods)
    {
        foreach (int flood in Enumerable.Range(1, floods))
        {
            await FillAsync($"flood {flood}", count: 50, cost: 1024);
        }

        await FillAsync("honest", count: 40, cost: 2);
        await RunAsync();

        // each flood has had one input, which is four turns' worth
        int last = _applied.FindLastIndex(input => input.Peer == "honest");
        Assert.Equal(40 + (floods * 50), _applied.Count);
        Assert.InRange(_applied.Take(last).Where(input => input.Peer != "honest").Sum(input => input.Cost), 0, floods * 1024);
    }

    [Fact]
    public async Task Peers_that_always_have_something_get_the_same_whatever_the_size_of_their_inputs()
    {
        await FillAsync("large", count: 60, cost: 1000);
        await FillAsync("middle", count: 60, cost: 300);
        await FillAsync("small", count: 60, cost: 100);
        await RunAsync();

        // until the first of them has nothing more
        int over = _applied.FindLastIndex(input => input.Peer == "small");
        int[] costs = [.. new[] { "large", "middle", "small" }.Select(peer => _applied.Take(over + 1).Where(input => input.Peer == peer).Sum(input => input.Cost))];
        Assert.Equal(6000, costs[2]);
        Assert.All(costs, cost => Assert.InRange(cost, 6000 - 1256, 6000 + 1256));
    }

    [Fact]
    public async Task A_peer_that_repeats_one_large_input_gets_no_more_than_its_share()
    {
        PeerInbox steady = new(_loop);
        PeerInbox comesAgain = new(_loop);
        int left = 20;
        await FillAsync(steady, "steady", count: 60, cost: 256);
        await PostAgainAsync();
        await RunAsync(() => left == 0);

        int over = _applied.FindLastIndex(input => input.Peer == "again");
        int others = _applied.Take(over).Where(input => input.Peer == "steady").Sum(input => input.Cost);
        Assert.InRange(others, 12 * 1024, 60 * 256);

        async Task PostAgainAsync() => await comesAgain.PostAsync(1024, (_, _) =>
        {
            _applied.Add(("again", 1024));
            if (--left > 0)
            {
                // the inbox has room, so this ends at once
                Assert.True(PostAgainAsync().IsCompletedSuccessfully);
            }
        });
    }

    [Fact]
    public async Task What_is_applied_is_waited_for_and_a_loop_that_has_ended_holds_nobody_up()
    {
        PeerInbox inbox = new(_loop);
        bool applied = false;
        Task applying = inbox.ApplyAsync(1, (_, _) => applied = true).AsTask();
        Assert.False(applying.IsCompleted);

        await RunAsync();

        await applying.WaitAsync(_patience);
        Assert.True(applied);
        await inbox.ApplyAsync(1, (_, _) => Assert.Fail("applied after the end")).AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task A_poster_waits_while_its_own_inbox_is_full_and_others_do_not()
    {
        PeerInbox flood = new(_loop);
        Task<bool> waiting = Task.FromResult(true);
        while (waiting.IsCompleted)
        {
            waiting = flood.PostAsync(1, (_, _) => _applied.Add(("flood", 1))).AsTask();
        }

        Assert.True(new PeerInbox(_loop).PostAsync(1, (_, _) => _applied.Add(("honest", 1))).AsTask().IsCompletedSuccessfully);
        Task running = _loop.RunAsync();
        Assert.True(await waiting.WaitAsync(_patience));
        await _loop.AskAsync(_ => true, default);
        _loop.Complete();
        await running.WaitAsync(_patience);
    }

    private Task FillAsync(string peer, int count, int cost) => FillAsync(new PeerInbox(_loop), peer, count, cost);

    private async Task FillAsync(PeerInbox inbox, string peer, int count, int cost)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(await inbox.PostAsync(cost, (_, _) => _applied.Add((peer, cost))));
        }
    }

    private async Task RunAsync(Func<bool>? isDone = null)
    {
        Task running = isDone is null ? Task.CompletedTask : _loop.RunAsync();
        while (isDone?.Invoke() == false)
        {
            await _loop.AskAsync(_ => true, default);
        }

        _loop.Complete();
        await (isDone is null ? _loop.RunAsync() : running).WaitAsync(_patience);
    }
}
