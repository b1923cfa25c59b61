using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Tests.Core;

public sealed class TimerHeapTests
{
    [Fact]
    public void Timers_come_in_order_of_time_however_they_were_moved_and_removed()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var heap = new TimerHeap();
            Probe[] timers = [.. Enumerable.Range(0, 50).Select(_ => new Probe())];
            for (int i = 0; i < 300; i++)
            {
                Probe timer = timers[random.Next(timers.Length)];
                switch (random.Next(4))
                {
                    case 0:
                        heap.Remove(timer);
                        timer.Expected = null;
                        break;
                    case 1:
                        TimeSpan by = TimeSpan.FromSeconds(random.Next(1000));
                        heap.ScheduleBy(timer, by);
                        timer.Expected = timer.Expected < by ? timer.Expected : by;
                        break;
                    default:
                        TimeSpan due = TimeSpan.FromSeconds(random.Next(1000));
                        heap.Schedule(timer, due);
                        timer.Expected = due;
                        break;
                }

                Assert.Equal(timers.Min(t => t.Expected), heap.Next);
            }

            var fired = new List<TimeSpan>();
            while (heap.TakeDue(TimeSpan.MaxValue) is { } timer)
            {
                fired.Add(timer.Due);
            }

            Assert.True(timers.Where(t => t.Expected is not null).Select(t => t.Expected!.Value).Order().SequenceEqual(fired), $"seed {seed}");
        }
    }

    [Fact]
    public void Nothing_is_due_before_its_time()
    {
        var heap = new TimerHeap();
        heap.Schedule(new Probe(), TimeSpan.FromSeconds(5));
        Assert.Null(heap.TakeDue(TimeSpan.FromSeconds(4.999)));
        Assert.NotNull(heap.TakeDue(TimeSpan.FromSeconds(5)));
        Assert.Null(heap.Next);
    }

    private sealed class Probe : EngineTimer
    {
        public TimeSpan? Expected { get; set; }

        internal override void Fire(TimeSpan now) => throw new InvalidOperationException("The heap does not fire timers.");
    }
}
