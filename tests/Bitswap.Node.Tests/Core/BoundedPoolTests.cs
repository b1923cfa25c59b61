using Bitswap.Node.Core;

namespace Bitswap.Node.Tests.Core;

public sealed class BoundedPoolTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_more_pieces_run_at_once_than_there_are_places(bool ownThreads)
    {
        await using BoundedPool pool = new(3, StoreErrors.Closed, ownThreads);
        using SemaphoreSlim gate = new(0);
        using CountdownEvent began = new(3);
        int running = 0, most = 0;
        int Work(int _)
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            if (!began.IsSet)
            {
                began.Signal();
            }

            Assert.True(gate.Wait(_patience));
            return Interlocked.Decrement(ref running);
        }

        Task<int>[] tasks = [.. Enumerable.Range(0, 10).Select(i => pool.RunAsync(Work, i, CancellationToken.None).AsTask())];
        Assert.True(began.Wait(_patience));
        gate.Release(10);
        await Task.WhenAll(tasks).WaitAsync(_patience);
        Assert.Equal(3, most);
    }

    [Fact]
    public async Task Work_that_only_waits_takes_no_thread_of_the_runtimes_pool()
    {
        await using BoundedPool shared = new(1, StoreErrors.Closed);
        await using BoundedPool own = new(1, StoreErrors.Closed, ownThreads: true);
        Assert.True(await shared.RunAsync(_ => Thread.CurrentThread.IsThreadPoolThread, 0, CancellationToken.None));
        Assert.False(await own.RunAsync(_ => Thread.CurrentThread.IsThreadPoolThread, 0, CancellationToken.None));
    }

    [Fact]
    public async Task Closing_waits_for_what_runs_and_refuses_what_waits()
    {
        BoundedPool pool = new(1, StoreErrors.Closed);
        using ManualResetEventSlim gate = new(), began = new();
        Task<int> runs = pool.RunAsync(
            _ =>
            {
                began.Set();
                return gate.Wait(_patience) ? 1 : 0;
            },
            0,
            CancellationToken.None).AsTask();
        Assert.True(began.Wait(_patience));
        Task<int> waits = pool.RunAsync(_ => 2, 0, CancellationToken.None).AsTask();
        Task closing = pool.DisposeAsync().AsTask(), closingToo = pool.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);
        Assert.False(closingToo.IsCompleted);
        gate.Set();
        await Task.WhenAll(closing, closingToo).WaitAsync(_patience);
        Assert.Equal(1, await runs);
        Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<BitswapException>(() => waits.WaitAsync(_patience))).ErrorId);
        await pool.DisposeAsync().AsTask().WaitAsync(_patience);
    }

    [Fact]
    public async Task One_who_waits_for_a_place_can_be_cancelled()
    {
        await using BoundedPool pool = new(1, StoreErrors.Closed);
        using ManualResetEventSlim gate = new(), began = new();
        using CancellationTokenSource cancel = new();
        Task<int> runs = pool.RunAsync(
            _ =>
            {
                began.Set();
                return gate.Wait(_patience) ? 1 : 0;
            },
            0,
            CancellationToken.None).AsTask();
        Assert.True(began.Wait(_patience));
        Task<int> waits = pool.RunAsync(_ => 2, 0, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits.WaitAsync(_patience));
        gate.Set();
        Assert.Equal(1, await runs);
        Assert.Equal(3, await pool.RunAsync(_ => 3, 0, CancellationToken.None));
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
