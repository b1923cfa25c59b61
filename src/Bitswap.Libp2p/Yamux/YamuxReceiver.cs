using System.Threading.Tasks.Sources;
using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// Represents the receiving half of a stream: what has arrived, the one reader that may wait, and the window the peer may still use.
/// Never calls out while it holds its lock; the session's gate may be held when it is entered.
/// </summary>
internal sealed class YamuxReceiver : IValueTaskSource<int>
{
    /// <summary>
    /// Half a window consumed within this many round trips doubles the window: the peer then waits for us rather than we for the
    /// peer (go-yamux <c>sendWindowUpdate</c>).
    /// </summary>
    private const int GrowthRoundTrips = 4;

    /// <summary>
    /// Half a window consumed within this many makes it four times as large: the peer has surely waited. So a window of 256 KiB grows to 16 MiB in three round
    /// trips, where doubling takes seven.
    /// </summary>
    private const int QuickRoundTrips = 2;

    private const int Growth = 2;
    private const int QuickGrowth = 4;

    /// <summary>
    /// Credit is given for each such part of a large window. With half a window at a time, a line whose round trip takes more than half of the window would
    /// idle between one grant and the next.
    /// </summary>
    private const int CreditsPerWindow = 8;

    private readonly Lock _lock = new();
    private readonly YamuxOptions _options;
    private readonly TimeProvider _time;
    private readonly YamuxPings _pings;
    private readonly ReceiveBudget _budget;
    private readonly ReceiveBuffer _buffer;

    private ManualResetValueTaskSourceCore<int> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private Memory<byte> _destination;
    private int _filled;
    private bool _reading;
    private bool _waiting;

    private int _remaining;
    private int _consumed;
    private int _sinceEpoch;
    private long _epoch;
    private bool _epochBegun;
    private bool _windowReleased;
    private bool _finished;
    private Exception? _fault;

    public YamuxReceiver(YamuxOptions options, TimeProvider time, YamuxPings pings, ReceiveBudget budget)
    {
        _options = options;
        _time = time;
        _pings = pings;
        _budget = budget;
        _buffer = new ReceiveBuffer(budget);
        Window = options.InitialWindow;
        _remaining = options.InitialWindow;
        _epoch = time.GetTimestamp();
        budget.AddWindow(Window);
    }

    /// <summary>Gets the receive window now, in bytes.</summary>
    public int Window { get; private set; }

    /// <summary>Bytes that wait to be read.</summary>
    public int BufferedBytes
    {
        get
        {
            lock (_lock)
            {
                return _buffer.Count;
            }
        }
    }

    /// <summary>Starts a read. <paramref name="credit"/> is what the peer is to be granted now.</summary>
    /// <exception cref="InvalidOperationException">Another read has not ended.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct, out int credit)
    {
        credit = 0;
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(ct);
        }
        short version;
        lock (_lock)
        {
            if (_reading)
            {
                throw new InvalidOperationException("The stream is being read already.");
            }
            if (destination.IsEmpty)
            {
                return new ValueTask<int>(0);
            }
            if (_buffer.Count > 0)
            {
                int count = _buffer.Read(destination.Span);
                credit = Consume(count);
                return new ValueTask<int>(count);
            }
            if (_fault is not null)
            {
                return ValueTask.FromException<int>(_fault);
            }
            if (_finished)
            {
                return new ValueTask<int>(0);
            }
            _source.Reset();
            version = _source.Version;
            _destination = destination;
            _token = ct;
            _reading = true;
            _waiting = true;
        }
        if (ct.CanBeCanceled)
        {
            _registration = ct.UnsafeRegister(static (state, token) => ((YamuxReceiver)state!).Cancel(token), this);
        }
        return new ValueTask<int>(this, version);
    }

    /// <summary>Takes <paramref name="length"/> bytes that a header announces out of the window.</summary>
    /// <returns>False when the peer was not allowed so many.</returns>
    public bool TryReserve(uint length)
    {
        lock (_lock)
        {
            if (length > (uint)_remaining)
            {
                return false;
            }
            _remaining -= (int)length;
            if (!_epochBegun && length > 0)
            {
                // a stream that had nothing to bring was idle, and not slow
                _epochBegun = true;
                _epoch = _time.GetTimestamp();
            }
            return true;
        }
    }

    /// <summary>True once the peer said that nothing follows.</summary>
    public bool IsFinished
    {
        get
        {
            lock (_lock)
            {
                return _finished;
            }
        }
    }

    /// <summary>
    /// Hands over payload. A waiting reader's memory is filled first; the reader is told once it is full, or by <see cref="Flush"/>.
    /// <paramref name="credit"/> is what the peer is to be granted now.
    /// </summary>
    /// <returns>False when the budget does not allow to keep it: the stream is to be reset.</returns>
    public bool TryDeliver(ReadOnlySpan<byte> payload, out int credit)
    {
        credit = 0;
        lock (_lock)
        {
            if (_fault is not null)
            {
                return true;
            }
            if (_waiting)
            {
                int count = Math.Min(payload.Length, _destination.Length - _filled);
                payload[..count].CopyTo(_destination.Span[_filled..]);
                payload = payload[count..];
                credit = Consume(count);
                _filled += count;
                if (_filled == _destination.Length)
                {
                    CompleteFilled();
                }
            }
            return payload.IsEmpty || _buffer.TryAppend(payload);
        }
    }

    /// <summary>Gets whether a waiting reader has been given something and not yet been told.</summary>
    public bool OwesReader
    {
        get
        {
            lock (_lock)
            {
                return _filled > 0;
            }
        }
    }

    /// <summary>Tells a waiting reader of what it has been given, full or not.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            CompleteFilled();
        }
    }

    /// <summary>Notes that the peer half-closed.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            _finished = true;
            if (_waiting && !CompleteFilled())
            {
                EndRead();
                _source.SetResult(0);
            }
        }
    }

    /// <summary>
    /// Nothing more will come. What arrived stays readable when <paramref name="keepBuffered"/>; a stream that had been finished ends as it
    /// would have, unless it is <paramref name="evenIfFinished"/>.
    /// </summary>
    public void Fail(Exception fault, bool keepBuffered, bool evenIfFinished)
    {
        lock (_lock)
        {
            if (_finished && !evenIfFinished)
            {
                return;
            }
            _fault ??= fault;
            if (!keepBuffered)
            {
                _buffer.Clear();
            }
            if (_waiting && !CompleteFilled())
            {
                EndRead();
                _source.SetException(_fault);
            }
        }
    }

    /// <summary>Gives the window back, when the stream has left the session.</summary>
    public void ReleaseWindow()
    {
        lock (_lock)
        {
            if (!_windowReleased)
            {
                _windowReleased = true;
                _budget.ReleaseWindow(Window);
            }
        }
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        _registration.Unregister();
        _registration = default;
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            lock (_lock)
            {
                _reading = false;
            }
        }
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        lock (_lock)
        {
            if (_waiting && _token == token && !CompleteFilled())
            {
                EndRead();
                _source.SetException(new OperationCanceledException(token));
            }
        }
    }

    /// <summary>Gated. What has come into the reader's memory is its answer, whatever else has happened; false when that is nothing.</summary>
    private bool CompleteFilled()
    {
        int filled = _filled;
        if (filled == 0)
        {
            return false;
        }
        EndRead();
        _source.SetResult(filled);
        return true;
    }

    private void EndRead()
    {
        _waiting = false;
        _filled = 0;
        _destination = default;
        _token = default;
    }

    /// <summary>Counts what the reader took, and says what to grant: nothing before half the specified window, or a part of a large one, was consumed.</summary>
    private int Consume(int count)
    {
        _consumed += count;
        _sinceEpoch += count;
        if (_finished || _fault is not null || _windowReleased || _consumed < Math.Max(YamuxOptions.SpecifiedWindow / 2, Window / CreditsPerWindow))
        {
            return 0;
        }
        int credit = _consumed;
        if (_sinceEpoch >= Window / 2)
        {
            credit += Grow();
        }
        _consumed = 0;
        _remaining += credit;
        return credit;
    }

    /// <summary>Half a window was consumed: lets it grow if that was quick. Returns by how much.</summary>
    private int Grow()
    {
        TimeSpan elapsed = _time.GetElapsedTime(_epoch);
        _epoch = _time.GetTimestamp();
        _epochBegun = _buffer.Count > 0;
        _sinceEpoch = 0;
        if (_pings.RoundTrip is not { } roundTrip || elapsed >= roundTrip * GrowthRoundTrips)
        {
            return 0;
        }
        for (int factor = elapsed < roundTrip * QuickRoundTrips ? QuickGrowth : Growth; factor > 1; factor /= Growth)
        {
            int growth = (int)Math.Min((long)Window * (factor - 1), _options.MaxWindow - Window);
            if (growth > 0 && _budget.TryGrowWindow(growth))
            {
                Window += growth;
                return growth;
            }
        }
        return 0;
    }
}
