using Bitswap.Node.Providing;
using Bitswap.Node.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bitswap.Node.Tests.Providing;

/// <summary>When each part was announced, where the time of day is not what it was.</summary>
public sealed class ProvideStateTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_pass_that_began_in_the_future_begins_anew()
    {
        ProvideState state = Create();
        Assert.False(state.Note(0, _start + TimeSpan.FromDays(300)));

        for (int part = 0; part < ProvideSchedule.Parts; part++)
        {
            Assert.Equal(part == ProvideSchedule.Parts - 1, state.Note(part, _start));
        }

        Assert.Equal((_start, _start), (state.SweepStarted, state.SweepEnded));
    }

    [Fact]
    public void A_pass_goes_on_where_the_clock_is_set_back_a_little()
    {
        ProvideState state = Create();
        state.Note(0, _start);

        state.Note(1, _start - TimeSpan.FromMinutes(4));

        Assert.Equal(_start, state.SweepStarted);
        Assert.Null(state.SweepEnded);
    }

    [Fact]
    public void A_time_of_the_future_is_none()
    {
        ProvideState state = Create();
        state.Note(0, _start);

        Assert.Equal(_start, state.AnnouncedAt(0, _start - TimeSpan.FromMinutes(5)));
        Assert.Null(state.AnnouncedAt(0, _start - TimeSpan.FromMinutes(6)));
        Assert.Null(state.AnnouncedAt(1, _start));
    }

    private static ProvideState Create() => new(null, ProvideStrategy.All, _start, NullLogger.Instance);
}
