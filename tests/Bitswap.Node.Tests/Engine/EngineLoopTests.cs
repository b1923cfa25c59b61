using Bitswap.Node.Engine;
using Bitswap.Protocol;

namespace Bitswap.Node.Tests.Engine;

public sealed class EngineLoopTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_poster_waits_while_the_inbox_is_full()
    {
        EngineLoop loop = Create(capacity: 4);
        int applied = 0;
        for (int i = 0; i < 4; i++)
        {
            Assert.True(await loop.PostAsync((_, _) => applied++));
        }

        Task<bool> fifth = loop.PostAsync((_, _) => applied++).AsTask();
        Assert.False(fifth.IsCompleted);

        Task running = loop.RunAsync();
        Assert.True(await fifth.WaitAsync(_patience));
        loop.Complete();
        await running.WaitAsync(_patience);
        Assert.Equal(5, applied);
    }

    [Fact]
    public async Task What_was_accepted_is_applied_before_the_end_and_nothing_after_it()
    {
        EngineLoop loop = Create(capacity: 16);
        int applied = 0;
        await loop.PostAsync((_, _) => applied++);
        loop.Complete();

        await loop.RunAsync().WaitAsync(_patience);

        Assert.Equal(1, applied);
        Assert.False(await loop.PostAsync((_, _) => applied++));
        Assert.Equal("NodeStopped", (await Assert.ThrowsAsync<BitswapException>(() => loop.AskAsync(_ => 0, default).AsTask())).ErrorId);
    }

    private static EngineLoop Create(int capacity) =>
        new(new BitswapEngine(new EngineOptions(), seed: 1), TimeProvider.System, capacity, (_, _) => { });
}
