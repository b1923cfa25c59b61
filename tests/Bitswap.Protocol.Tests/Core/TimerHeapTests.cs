using Bitswap.Protocol.Core;
using CsCheck;

namespace Bitswap.Protocol.Tests.Core;

public sealed class TimerHeapTests
{
    private static readonly Gen<(int Timer, TimeSpan Due)> _moves =
        Gen.Select(Gen.Int[0, 29], Gen.Int[0, 99], (timer, time) => (timer, TimeSpan.FromSeconds((30 * time) + timer)));

    [Fact]
    public void Timers_come_in_order_of_time_however_they_were_moved_and_removed() =>
        Gen.Const(() => (new Timers(), new Dictionary<int, TimeSpan>())).SampleModelBased(
            _moves.Operation<Timers, Dictionary<int, TimeSpan>>(
                (timers, move) => timers.Heap.Schedule(timers.Probes[move.Timer], move.Due), (due, move) => due[move.Timer] = move.Due),
            _moves.Operation<Timers, Dictionary<int, TimeSpan>>(
                (timers, move) => timers.Heap.ScheduleBy(timers.Probes[move.Timer], move.Due),
                (due, move) => due[move.Timer] = due.TryGetValue(move.Timer, out TimeSpan before) && before < move.Due ? before : move.Due),
            _moves.Operation<Timers, Dictionary<int, TimeSpan>>(
                (timers, move) => timers.Heap.Remove(timers.Probes[move.Timer]), (due, move) => due.Remove(move.Timer)),
            Gen.Operation<Timers, Dictionary<int, TimeSpan>>(
                timers => timers.Heap.TakeDue(TimeSpan.MaxValue), due => due.Remove(due.OrderBy(entry => entry.Value).FirstOrDefault().Key)),
            equal: (timers, due) => timers.Heap.Next == (due.Count > 0 ? due.Values.Min() : null),
            iter: 5000);

    [Fact]
    public void Nothing_is_due_before_its_time()
    {
        var heap = new TimerHeap();
        heap.Schedule(new Probe(), TimeSpan.FromSeconds(5));
        Assert.Null(heap.TakeDue(TimeSpan.FromSeconds(4.999)));
        Assert.NotNull(heap.TakeDue(TimeSpan.FromSeconds(5)));
        Assert.Null(heap.Next);
    }

    private sealed class Timers
    {
        public TimerHeap Heap { get; } = new();

        public Probe[] Probes { get; } = [.. Enumerable.Range(0, 30).Select(_ => new Probe())];
    }

    private sealed class Probe : EngineTimer;
}
