using Bitswap.Pipeline;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Tests;

public sealed class ProgressMeterTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly RecordingSink _sink = new();

    [Fact]
    public void What_is_done_within_a_second_shows_nothing()
    {
        using (ProgressMeter meter = new(_sink, "Fetching", _clock) { Total = 2 })
        {
            meter.Add(1);
            _clock.Advance(TimeSpan.FromMilliseconds(999));
            meter.Add(1);
        }

        Assert.Empty(_sink.Progress);
    }

    [Fact]
    public void It_moves_five_times_a_second_at_most_and_goes_away_at_the_end()
    {
        ProgressMeter meter = new(_sink, "Fetching", _clock) { Total = 1000 };
        _clock.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 1000; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            meter.Add(1024);
        }

        Assert.InRange(_sink.Progress.Count, 4, 6);
        Assert.All(_sink.Progress, report => Assert.False(report.Completed));
        meter.Dispose();
        meter.Dispose();
        Assert.Single(_sink.Progress, report => report.Completed);
        Assert.True(_sink.Progress[^1].Completed);
    }

    [Fact]
    public void It_tells_count_bytes_and_rate()
    {
        using ProgressMeter meter = new(_sink, "Fetching", _clock) { Total = 4 };
        _clock.Advance(TimeSpan.FromSeconds(2));
        meter.Add(4 << 20);
        Assert.Equal(
            new ProgressReport("Fetching", "1 of 4 blocks, 4 MiB, 2 MiB/s", 25, false) { SecondsLeft = 6 }, Assert.Single(_sink.Progress));
    }

    [Fact]
    public void Where_the_bytes_are_known_the_bar_and_the_time_left_go_by_them()
    {
        using ProgressMeter meter = new(_sink, "Adding", _clock, "files") { Total = 2, TotalBytes = 8 << 20, Current = "a.bin" };
        _clock.Advance(TimeSpan.FromSeconds(2));
        meter.AddBytes(2 << 20);
        Assert.Equal(
            new ProgressReport("Adding", "0 of 2 files, 2 MiB of 8 MiB, 1 MiB/s", 25, false) { SecondsLeft = 6, Current = "a.bin" },
            Assert.Single(_sink.Progress));
    }

    [Fact]
    public void Without_a_total_there_is_a_rate_and_no_end()
    {
        using ProgressMeter meter = new(_sink, "Walking", _clock);
        _clock.Advance(TimeSpan.FromSeconds(4));
        meter.Add(4096);
        Assert.Equal(new ProgressReport("Walking", "1 blocks, 4 KiB, 1 KiB/s", -1, false), Assert.Single(_sink.Progress));
    }

    [Fact]
    public void The_rate_is_that_of_late_and_not_of_the_whole_run()
    {
        using ProgressMeter meter = new(_sink, "Fetching", _clock) { TotalBytes = 100_000 };
        for (int i = 0; i < 40; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            meter.AddBytes(1);
        }

        for (int i = 0; i < 32; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            meter.AddBytes(1024);
        }

        Assert.EndsWith(", 1 KiB/s", _sink.Progress[^1].Status, StringComparison.Ordinal);
        Assert.Equal(66, _sink.Progress[^1].SecondsLeft);
    }

    [Fact]
    public void A_stall_has_no_time_left_and_what_outgrows_its_total_is_full()
    {
        using ProgressMeter meter = new(_sink, "Adding", _clock) { TotalBytes = 10 };
        _clock.Advance(TimeSpan.FromSeconds(2));
        meter.Update();
        Assert.Equal(-1, _sink.Progress[^1].SecondsLeft);
        _clock.Advance(TimeSpan.FromSeconds(2));
        meter.AddBytes(20);
        Assert.Equal((100, 0), (_sink.Progress[^1].Percent, _sink.Progress[^1].SecondsLeft));
    }

    [Fact]
    public void What_the_work_waits_for_is_shown_once_nothing_was_done_for_a_second()
    {
        using ProgressMeter meter = new(_sink, "Fetching", _clock) { WaitsFor = () => "looking for providers" };
        Assert.Equal("Looking for providers", StatusAfter(1000));

        meter.Add(1 << 20);
        Assert.StartsWith("1 blocks, 1 MiB", StatusAfter(999), StringComparison.Ordinal);
        Assert.DoesNotContain("providers", StatusAfter(0), StringComparison.Ordinal);
        Assert.EndsWith("/s; looking for providers", StatusAfter(200), StringComparison.Ordinal);

        string StatusAfter(int milliseconds)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            meter.MoveTo(meter.Done, meter.Bytes);
            return _sink.Progress[^1].Status;
        }
    }

    [Fact]
    public void Where_nothing_is_waited_for_the_count_is_shown()
    {
        using ProgressMeter meter = new(_sink, "Fetching", _clock) { WaitsFor = () => null };
        _clock.Advance(TimeSpan.FromSeconds(2));
        meter.Update();
        Assert.Equal("0 blocks, 0 B, 0 B/s", Assert.Single(_sink.Progress).Status);
    }

    [Fact]
    public void Work_is_followed_to_its_end_and_how_it_ends_is_the_caller_s_to_ask()
    {
        using ProgressMeter meter = new(_sink, "Walking", _clock);
        _clock.Advance(TimeSpan.FromSeconds(2));
        TaskCompletionSource work = new();
        meter.Follow(work.Task, shown =>
        {
            shown.MoveTo(3, 4096);
            work.SetException(new InvalidOperationException());
        });

        Assert.Equal(("3 blocks, 4 KiB, 2 KiB/s", true), (Assert.Single(_sink.Progress).Status, work.Task.IsFaulted));
    }

    [Fact]
    public async Task Work_that_does_not_heed_a_stop_is_let_go_and_else_its_end_is_waited_for()
    {
        using ProgressMeter meter = new(_sink, "Walking", _clock);
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        Assert.Throws<OperationCanceledException>(() => meter.Follow(new TaskCompletionSource().Task, _ => { }, stop.Token));

        TaskCompletionSource work = new();
        Task end = Task.Run(work.SetResult);
        meter.Follow(work.Task, _ => { });
        Assert.True(work.Task.IsCompleted);
        await end;
    }

    [Fact]
    public void A_reader_that_has_enough_ends_the_source()
    {
        bool ended = false;
        Assert.Equal(1, PipelineThread.Each(Numbers(), CancellationToken.None).First());
        Assert.True(ended);

        async IAsyncEnumerable<int> Numbers()
        {
            try
            {
                await Task.Yield();
                yield return 1;
                yield return 2;
            }
            finally
            {
                ended = true;
            }
        }
    }
}
