using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Support;

/// <summary>A clock that a test moves, and that tells which waits were begun on it.</summary>
internal sealed class RecordingClock : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>How many waits of this length were begun.</summary>
    public int Begun(TimeSpan wait) => _waits.Count(wait.Equals);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Enqueue(dueTime);
        return timer;
    }
}
