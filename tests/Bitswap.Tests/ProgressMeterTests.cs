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
        Assert.Equal(new ProgressReport("Fetching", "1 of 4 blocks, 4 MiB, 2 MiB/s", 25, false), Assert.Single(_sink.Progress));
    }
}
