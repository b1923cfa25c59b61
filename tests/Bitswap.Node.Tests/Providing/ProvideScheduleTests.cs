using Bitswap.Node.Providing;

namespace Bitswap.Node.Tests.Providing;

public sealed class ProvideScheduleTests
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(22);
    private static readonly DateTimeOffset _epoch = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly ProvideSchedule _schedule = new(_interval, _epoch);

    [Fact]
    public void The_parts_make_up_the_space_of_keys()
    {
        Assert.Equal((0UL, ulong.MaxValue), (ProvideSchedule.StartOf(0), ProvideSchedule.EndOf(ProvideSchedule.Parts - 1)));
        for (int part = 0; part < ProvideSchedule.Parts; part++)
        {
            Assert.Equal((part, part), (ProvideSchedule.PartOf(ProvideSchedule.StartOf(part)), ProvideSchedule.PartOf(ProvideSchedule.EndOf(part))));
            Assert.True(part == 0 || ProvideSchedule.EndOf(part - 1) + 1 == ProvideSchedule.StartOf(part));
        }
    }

    [Fact]
    public void What_was_announced_at_its_turn_is_due_an_interval_later()
    {
        for (int part = 0; part < ProvideSchedule.Parts; part++)
        {
            DateTimeOffset turn = _schedule.DueAt(part, _epoch);
            Assert.Equal(_interval.TotalSeconds, (_schedule.DueAt(part, turn) - turn).TotalSeconds, 3);

            // as a time in whole seconds is kept, and announcing takes a while
            Assert.Equal(_interval.TotalSeconds, (_schedule.DueAt(part, turn + TimeSpan.FromMinutes(20)) - turn).TotalSeconds, 3);
            Assert.Equal(_interval.TotalSeconds, (_schedule.DueAt(part, turn - TimeSpan.FromMinutes(20)) - turn).TotalSeconds, 3);
        }
    }

    [Fact]
    public void What_was_announced_at_any_time_is_due_within_half_an_interval_to_one_and_a_half_and_not_all_at_once()
    {
        DateTimeOffset at = _epoch + TimeSpan.FromDays(12.3);
        DateTimeOffset[] due = [.. Enumerable.Range(0, ProvideSchedule.Parts).Select(part => _schedule.DueAt(part, at))];

        Assert.All(due, time => Assert.InRange(time - at, _interval / 2, _interval * 1.5));
        int[] hours = [.. due.GroupBy(time => (int)(time - at).TotalHours).Select(hour => hour.Count())];
        Assert.InRange(hours.Length, 22, 23);
        Assert.InRange(hours.Max(), 40, 55);
    }
}
