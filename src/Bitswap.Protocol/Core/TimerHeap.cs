namespace Bitswap.Protocol.Core;

/// <summary>Represents a binary heap of timers that know their place, so that each is moved or removed in O(log n).</summary>
internal sealed class TimerHeap
{
    private readonly List<EngineTimer> _heap = [];

    public TimeSpan? Next => _heap.Count == 0 ? null : _heap[0].Due;

    public int Count => _heap.Count;

    public void Schedule(EngineTimer timer, TimeSpan due)
    {
        if (timer.Slot == EngineTimer.NotScheduled)
        {
            timer.Due = due;
            timer.Slot = _heap.Count;
            _heap.Add(timer);
            Up(timer.Slot);
            return;
        }

        TimeSpan old = timer.Due;
        timer.Due = due;
        if (due < old)
        {
            Up(timer.Slot);
        }
        else
        {
            Down(timer.Slot);
        }
    }

    /// <summary>Brings a timer forward, never back: one that fires early finds out and schedules itself anew.</summary>
    public void ScheduleBy(EngineTimer timer, TimeSpan due)
    {
        if (timer.Slot == EngineTimer.NotScheduled || due < timer.Due)
        {
            Schedule(timer, due);
        }
    }

    public void Remove(EngineTimer timer)
    {
        int slot = timer.Slot;
        if (slot == EngineTimer.NotScheduled)
        {
            return;
        }

        timer.Slot = EngineTimer.NotScheduled;
        int last = _heap.Count - 1;
        EngineTimer moved = _heap[last];
        _heap.RemoveAt(last);
        if (slot == last)
        {
            return;
        }

        _heap[slot] = moved;
        moved.Slot = slot;
        Up(slot);
        Down(moved.Slot);
    }

    /// <summary>Takes a timer that is due out of the heap.</summary>
    public EngineTimer? TakeDue(TimeSpan now)
    {
        if (_heap.Count == 0 || _heap[0].Due > now)
        {
            return null;
        }

        EngineTimer timer = _heap[0];
        Remove(timer);
        return timer;
    }

    private void Up(int slot)
    {
        EngineTimer timer = _heap[slot];
        while (slot > 0)
        {
            int parent = (slot - 1) / 2;
            if (_heap[parent].Due <= timer.Due)
            {
                break;
            }

            Put(slot, _heap[parent]);
            slot = parent;
        }

        Put(slot, timer);
    }

    private void Down(int slot)
    {
        EngineTimer timer = _heap[slot];
        int count = _heap.Count;
        while (true)
        {
            int child = (2 * slot) + 1;
            if (child >= count)
            {
                break;
            }

            if (child + 1 < count && _heap[child + 1].Due < _heap[child].Due)
            {
                child++;
            }

            if (_heap[child].Due >= timer.Due)
            {
                break;
            }

            Put(slot, _heap[child]);
            slot = child;
        }

        Put(slot, timer);
    }

    private void Put(int slot, EngineTimer timer)
    {
        _heap[slot] = timer;
        timer.Slot = slot;
    }
}

/// <summary>Represents something with at most one deadline. Derived from, so that a timer is no object of its own; what it does when it is due is decided by its type.</summary>
internal abstract class EngineTimer
{
    internal const int NotScheduled = -1;

    internal TimeSpan Due { get; set; }

    internal int Slot { get; set; } = NotScheduled;
}
