namespace Bitswap.Node.Names;

/// <summary>
/// What names stood for when they were looked up last. A step is used again for as long as its publisher says, and is kept beyond that, so that a record which is older than one
/// that was seen is not taken. The names that were kept first are forgotten first. Thread-safe.
/// </summary>
/// <param name="max">How many names are kept; 0 keeps none.</param>
/// <param name="clock">The clock of the times.</param>
internal sealed class NameCache(int max, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (NameStep Step, long Kept)> _steps = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>Returns what a name stands for, if it may be used still; the time to live is what is left of it.</summary>
    public NameStep? Fresh(string name)
    {
        lock (_lock)
        {
            if (!_steps.TryGetValue(name, out (NameStep Step, long Kept) entry))
            {
                return null;
            }

            TimeSpan left = entry.Step.Ttl - clock.GetElapsedTime(entry.Kept);
            return left > TimeSpan.Zero ? entry.Step with { Ttl = left } : null;
        }
    }

    /// <summary>Returns what a name stood for when it was kept last, however long ago; null where it is not kept.</summary>
    public NameStep? Last(string name)
    {
        lock (_lock)
        {
            return _steps.TryGetValue(name, out (NameStep Step, long Kept) entry) ? entry.Step : null;
        }
    }

    /// <summary>Keeps what a name stands for.</summary>
    public void Keep(string name, NameStep step)
    {
        lock (_lock)
        {
            if (max == 0)
            {
                return;
            }

            if (!_steps.ContainsKey(name))
            {
                _order.Enqueue(name);
                if (_order.Count > max)
                {
                    _steps.Remove(_order.Dequeue());
                }
            }

            _steps[name] = (step, clock.GetTimestamp());
        }
    }
}
