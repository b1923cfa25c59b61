using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <summary>Our unanswered pings and the round trip they measured.</summary>
internal sealed class YamuxPings(YamuxOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, TaskCompletionSource<TimeSpan>> _waiting = [];
    private uint _nextId;
    private long _roundTripTicks;
    private uint _measureId;
    private long _measureStart;
    private bool _measuring;
    private bool _everMeasured;
    private Exception? _fault;

    /// <summary>Gets the smoothed round trip; null before the first measurement.</summary>
    public TimeSpan? RoundTrip
    {
        get
        {
            long ticks = Interlocked.Read(ref _roundTripTicks);
            return ticks == 0 ? null : TimeSpan.FromTicks(ticks);
        }
    }

    /// <summary>Starts a ping that a caller waits for.</summary>
    /// <exception cref="Libp2pException">LimitExceeded: too many are unanswered. Or what ended the session.</exception>
    public (uint Id, Task<TimeSpan> Answer) Begin()
    {
        lock (_lock)
        {
            if (_fault is not null)
            {
                throw _fault;
            }
            if (_waiting.Count >= options.MaxOutstandingPings)
            {
                throw new Libp2pException(
                    Libp2pErrorIds.LimitExceeded,
                    $"{_waiting.Count} pings are unanswered ({nameof(YamuxOptions.MaxOutstandingPings)}).");
            }
            var answer = new TaskCompletionSource<TimeSpan>(time.GetTimestamp(), TaskCreationOptions.RunContinuationsAsynchronously);
            uint id = _nextId++;
            _waiting.Add(id, answer);
            return (id, answer.Task);
        }
    }

    /// <summary>Forgets ping <paramref name="id"/>, for which no caller waits any more.</summary>
    public void Forget(uint id)
    {
        lock (_lock)
        {
            _waiting.Remove(id);
        }
    }

    /// <summary>Says whether the round trip is to be measured now, and then by which ping.</summary>
    public bool TryBeginMeasure(out uint id)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            TimeSpan age = time.GetElapsedTime(_measureStart, now);
            id = _nextId;
            if (_fault is not null || (_everMeasured && age < (_measuring ? options.PingTimeout : options.RoundTripInterval)))
            {
                return false;
            }
            _nextId++;
            _measureId = id;
            _measureStart = now;
            _measuring = true;
            _everMeasured = true;
            return true;
        }
    }

    /// <summary>Notes an answer of the peer. One that was not asked for is ignored, as go-yamux does.</summary>
    public void Answered(uint id)
    {
        TaskCompletionSource<TimeSpan>? answer = null;
        TimeSpan elapsed;
        lock (_lock)
        {
            if (_measuring && id == _measureId)
            {
                _measuring = false;
                elapsed = time.GetElapsedTime(_measureStart);
            }
            else if (_waiting.Remove(id, out answer))
            {
                elapsed = time.GetElapsedTime((long)answer.Task.AsyncState!);
            }
            else
            {
                return;
            }
            long previous = Interlocked.Read(ref _roundTripTicks);
            Interlocked.Exchange(ref _roundTripTicks, previous == 0 ? elapsed.Ticks : (previous + elapsed.Ticks) / 2);
        }
        answer?.TrySetResult(elapsed);
    }

    /// <summary>Fails all pings, since the session ended.</summary>
    public void Fail(Exception fault)
    {
        TaskCompletionSource<TimeSpan>[] waiting;
        lock (_lock)
        {
            _fault ??= fault;
            waiting = [.. _waiting.Values];
            _waiting.Clear();
        }
        foreach (TaskCompletionSource<TimeSpan> answer in waiting)
        {
            answer.TrySetException(fault);
        }
    }
}
