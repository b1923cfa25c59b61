using Bitswap.Node.Observability;
using Bitswap.Pipeline;

namespace Bitswap.Tests;

public sealed class LogRelayTests
{
    [Fact]
    public void What_is_logged_is_written_while_the_pipeline_waits()
    {
        RecordingSink sink = new();
        using LogRelay relay = new(sink, isVerbose: true, isDetailed: true, () => { });
        using PipelineThread.RelayScope scope = PipelineThread.Relaying(relay);
        TaskCompletionSource<int> work = new(TaskCreationOptions.RunContinuationsAsynchronously);
        sink.AfterLine = _ => work.TrySetResult(7);
        Task told = Task.Run(() => relay.Listener.Hear(new NodeLogLine(1, false, "from a worker")));

        // ends only because the line is written before the task is done
        Assert.Equal(7, PipelineThread.Wait(new ValueTask<int>(work.Task)));
        PipelineThread.Wait(told);
        Assert.Equal("from a worker", Assert.Single(sink.Verbose));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_way_to_wait_writes(int way)
    {
        RecordingSink sink = new();
        using LogRelay relay = new(sink, isVerbose: true, isDetailed: true, () => { });
        using PipelineThread.RelayScope scope = PipelineThread.Relaying(relay);
        TaskCompletionSource<int> work = new(TaskCreationOptions.RunContinuationsAsynchronously);
        sink.AfterLine = _ => work.TrySetResult(7);
        relay.Listener.Hear(new NodeLogLine(1, true, "a detail"));
        switch (way)
        {
            case 0:
                PipelineThread.Wait((Task)work.Task);
                break;
            case 1:
                Assert.Equal(7, PipelineThread.Wait(new ValueTask<int>(work.Task), TimeSpan.FromMilliseconds(1), () => { }));
                break;
            default:
                Assert.True(PipelineThread.Wait(work.Task, TimeSpan.FromSeconds(30)));
                break;
        }

        Assert.Equal("a detail", Assert.Single(sink.Debug));
        Assert.Empty(sink.Verbose);
    }

    [Fact]
    public void While_others_run_on_the_thread_nothing_is_written()
    {
        RecordingSink sink = new();
        using LogRelay relay = new(sink, isVerbose: true, isDetailed: false, () => { });
        using PipelineThread.RelayScope scope = PipelineThread.Relaying(relay);
        relay.Listener.Hear(new NodeLogLine(1, false, "early"));
        using (PipelineThread.RelayScope others = PipelineThread.Relaying(null))
        {
            PipelineThread.Wait(Task.Run(() => 1));
            PipelineThread.Wait(Task.CompletedTask, TimeSpan.Zero);
            Assert.Empty(sink.Verbose);
        }

        PipelineThread.Wait(Task.CompletedTask);
        Assert.Equal("early", Assert.Single(sink.Verbose));
    }

    [Fact]
    public void A_write_that_fails_cancels_the_work_which_is_waited_for_and_fails_the_next_write()
    {
        RecordingSink sink = new();
        using CancellationTokenSource stop = new();
        using LogRelay relay = new(sink, isVerbose: true, isDetailed: false, stop.Cancel);
        using PipelineThread.RelayScope scope = PipelineThread.Relaying(relay);
        sink.AfterLine = _ => throw new InvalidOperationException("the reader has enough");
        relay.Listener.Hear(new NodeLogLine(1, false, "first"));
        relay.Listener.Hear(new NodeLogLine(1, false, "second"));

        // what the call gives is the caller's, though the pipeline takes nothing more
        Assert.Equal(3, PipelineThread.Wait(new ValueTask<int>(EndedByAsync(stop.Token))));
        Assert.Single(sink.Verbose);
        relay.Drain();
        Assert.Single(sink.Verbose);
        Assert.Equal("the reader has enough", Assert.Throws<InvalidOperationException>(relay.ThrowIfFailed).Message);

        static async Task<int> EndedByAsync(CancellationToken stop)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stop).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return 3;
        }
    }

    [Fact]
    public void What_the_sink_asks_for_while_it_writes_keeps_the_order()
    {
        RecordingSink sink = new();
        using LogRelay relay = new(sink, isVerbose: true, isDetailed: false, () => { });
        sink.AfterLine = _ => relay.Drain();
        for (int i = 0; i < 4; i++)
        {
            relay.Listener.Hear(new NodeLogLine(i, false, $"{i}"));
        }

        relay.Drain();
        Assert.Equal(["0", "1", "2", "3"], sink.Verbose);
    }

    [Fact]
    public void Where_only_the_debug_stream_is_wanted_all_goes_there()
    {
        RecordingSink sink = new();
        using LogRelay relay = new(sink, isVerbose: false, isDetailed: true, () => { });
        relay.Listener.Hear(new NodeLogLine(1, false, "a line"));
        relay.Listener.Hear(new NodeLogLine(1, true, "a detail"));
        relay.Drain();
        Assert.Equal(["a line", "a detail"], sink.Debug);
        Assert.Empty(sink.Verbose);
    }

    [Fact]
    public void Lines_that_come_faster_than_they_are_written_are_counted()
    {
        RecordingSink sink = new();
        using LogRelay relay = new(sink, isVerbose: true, isDetailed: false, () => { });
        for (int i = 0; i < 1030; i++)
        {
            relay.Listener.Hear(new NodeLogLine(1, false, "flood"));
        }

        relay.Drain();
        Assert.Equal(1025, sink.Verbose.Count);
        Assert.StartsWith("6 lines of the log were left out", sink.Verbose[^1], StringComparison.Ordinal);
        relay.Drain();
        Assert.Equal(1025, sink.Verbose.Count);
    }
}
