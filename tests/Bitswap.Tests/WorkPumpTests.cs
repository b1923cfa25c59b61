using Bitswap.Pipeline;

namespace Bitswap.Tests;

public sealed class WorkPumpTests
{
    [Fact]
    public void What_is_told_is_written_while_the_pipeline_waits_and_takes_no_room_of_results()
    {
        RecordingSink sink = new();
        using WorkPump pump = new(sink, 1, ordered: true, CancellationToken.None);
        TaskCompletionSource<Action<IPipelineSink>> work = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pump.Start(_ => work.Task);
        for (int i = 0; i < 300; i++)
        {
            pump.Tell(told =>
            {
                told.WriteVerbose("told");
                work.TrySetResult(written => written.WriteObject("done"));
            });
        }

        pump.Complete();
        Assert.Equal("done", Assert.Single(sink.Objects));
        Assert.Equal(256, sink.Verbose.Count);
        Assert.Equal(44, pump.Dropped);
    }

    [Fact]
    public void Results_are_written_by_the_pipeline_thread()
    {
        RecordingSink sink = new();
        using WorkPump pump = new(sink, 4, ordered: false, CancellationToken.None);
        for (int i = 0; i < 100; i++)
        {
            int number = i;
            pump.Start(_ => Task.Run<Action<IPipelineSink>>(() => output => output.WriteObject(number)));
        }

        pump.Complete();
        Assert.Equal(Enumerable.Range(0, 100), sink.Objects.Cast<int>().Order());
        Assert.Equal(0, pump.Unwritten);
    }

    [Fact]
    public void An_ordered_pump_writes_in_the_order_of_the_starts()
    {
        RecordingSink sink = new();
        using WorkPump pump = new(sink, 3, ordered: true, CancellationToken.None);
        TaskCompletionSource<Action<IPipelineSink>>[] work = [new(), new(), new()];
        foreach (TaskCompletionSource<Action<IPipelineSink>> piece in work)
        {
            pump.Start(_ => piece.Task);
        }

        work[2].SetResult(output => output.WriteObject(2));
        work[1].SetResult(output => output.WriteObject(1));
        pump.Drain();
        Assert.Empty(sink.Objects);
        Assert.Equal(3, pump.Unwritten);
        work[0].SetResult(output => output.WriteObject(0));
        pump.Complete();
        Assert.Equal([0, 1, 2], sink.Objects.Cast<int>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Never_are_more_than_the_limit_unwritten(bool ordered)
    {
        RecordingSink sink = new();
        using WorkPump pump = new(sink, 5, ordered, CancellationToken.None);
        int running = 0;
        int most = 0;
        for (int i = 0; i < 200; i++)
        {
            pump.Start(async _ =>
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return output => output.WriteObject(null);
            });
            Assert.InRange(pump.Unwritten, 1, 5);
        }

        pump.Complete();
        Assert.Equal(200, sink.Objects.Count);
        Assert.InRange(most, 1, 5);
    }

    [Fact]
    public void What_work_throws_ends_the_pipeline_where_it_is_written()
    {
        RecordingSink sink = new();
        using WorkPump pump = new(sink, 2, ordered: false, CancellationToken.None);
        pump.Start(_ => throw new InvalidDataException("broken"));
        Assert.Equal("broken", Assert.Throws<InvalidDataException>(pump.Complete).Message);
    }

    [Fact]
    public void A_writer_that_throws_leaves_work_that_disposing_cancels_and_awaits()
    {
        RecordingSink sink = new() { BeforeWrite = () => throw new OperationCanceledException("enough") };
        WorkPump pump = new(sink, 4, ordered: false, CancellationToken.None);
        bool ended = false;
        pump.Start(async token =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                ended = true;
            }

            return _ => { };
        });
        pump.Start(_ => Task.FromResult<Action<IPipelineSink>>(output => output.WriteObject(1)));
        Assert.Throws<OperationCanceledException>(pump.Complete);
        Assert.False(ended);
        pump.Dispose();
        Assert.True(ended);
        pump.Dispose();
    }

    [Fact]
    public async Task Stopping_ends_a_wait()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource started = new();
        Task pipeline = Task.Run(() =>
        {
            using WorkPump pump = new(new RecordingSink(), 1, ordered: false, stop.Token);
            pump.Start(async token =>
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return _ => { };
            });
            Assert.ThrowsAny<OperationCanceledException>(pump.Complete);
        });
        await started.Task;
        await stop.CancelAsync();
        await pipeline.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Work_that_does_not_heed_the_stop_is_let_go()
    {
        TaskCompletionSource<Action<IPipelineSink>> deaf = new();
        RecordingSink sink = new();
        await Task.Run(() =>
        {
            WorkPump pump = new(sink, 2, ordered: false, CancellationToken.None);
            pump.Start(_ => deaf.Task);
            pump.Dispose();
        }).WaitAsync(TimeSpan.FromSeconds(20));
        deaf.SetResult(output => output.WriteObject(1));
        Assert.Empty(sink.Objects);
    }

    [Fact]
    public void While_it_waits_the_pipeline_thread_looks_after_something_else()
    {
        RecordingSink sink = new();
        TaskCompletionSource goesOn = new();
        int thread = Environment.CurrentManagedThreadId, looks = 0;
        using WorkPump pump = new(sink, 1, ordered: false, CancellationToken.None, () =>
        {
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            if (++looks == 2)
            {
                goesOn.SetResult();
            }
        });
        pump.Start(async _ =>
        {
            await goesOn.Task;
            return written => written.WriteObject("done");
        });
        pump.Complete();
        Assert.Equal("done", Assert.Single(sink.Objects));
        Assert.InRange(looks, 2, int.MaxValue);
    }

    [Fact]
    public void What_goes_wrong_while_it_looks_about_comes_as_it_is()
    {
        using WorkPump pump = new(new RecordingSink(), 1, ordered: false, CancellationToken.None, () => { });
        pump.Start(async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("as it is");
        });
        Assert.Equal("as it is", Assert.Throws<InvalidOperationException>(pump.Complete).Message);
    }

    [Fact]
    public void A_limit_below_one_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkPump(new RecordingSink(), 0, ordered: false, CancellationToken.None));

    private static void InterlockedMax(ref int target, int value)
    {
        int seen = Volatile.Read(ref target);
        while (value > seen)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
