using Bitswap.Node.Core;

namespace Bitswap.Node.Peers;

/// <summary>
/// Bounds the memory of frames that do not fit a stream's small buffer, of all peers together, from the moment that one begins until what it says was given to the engine. Where
/// there is no room, the stream is read no further, and its window closes.
/// </summary>
/// <remarks>
/// Half of the room is for peers that gave or took a block, or are asked for one: however many others come and send long messages, those go on. Among themselves peers have equal
/// shares (<see cref="ByteGate"/>). Room that is taken is also used: a frame comes whole within the time that its size allows, and while others wait, the one that comes slowest
/// gives way, one a second.
/// </remarks>
internal sealed class FrameRoom(long limit, TimeProvider clock)
{
    private static readonly TimeSpan _gracePeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _minAge = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly ByteGate _gate = new(limit, limit / 2);
    private readonly HashSet<FrameArrival> _arriving = [];
    private long? _lastLetGo;
    private int _knownWaiting;

    /// <summary>Gets the bytes that frames hold now.</summary>
    public long Held => _gate.Held;

    /// <summary>Gets whether a peer waits that blocks go to or come from: what is held for another reason than the peer's turn is to be let go.</summary>
    public bool IsShort => Volatile.Read(ref _knownWaiting) > 0;

    /// <summary>Gets the clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Makes the share of one more peer.</summary>
    public Share Open() => new(this, _gate.Open());

    private void Add(FrameArrival arrival)
    {
        lock (_lock)
        {
            _arriving.Add(arrival);
        }
    }

    private void Remove(FrameArrival arrival)
    {
        lock (_lock)
        {
            _arriving.Remove(arrival);
        }
    }

    private void LetSlowestGo(Share waiting)
    {
        FrameArrival? slowest;
        lock (_lock)
        {
            if (_lastLetGo is { } last && clock.GetElapsedTime(last) < _gracePeriod)
            {
                return;
            }

            slowest = _arriving.Where(arrival => !arrival.IsOf(waiting) && arrival.Age >= _minAge).MinBy(arrival => arrival.BytesPerSecond);
            if (slowest is null)
            {
                return;
            }

            _arriving.Remove(slowest);
            _lastLetGo = clock.GetTimestamp();
        }

        slowest.LetGo();
    }

    /// <summary>The share of one peer in the room.</summary>
    internal sealed class Share(FrameRoom room, ByteGate.Share gate)
    {
        /// <summary>Blocks went between the two, or are asked for.</summary>
        public void IsKnown() => gate.HasReserve = true;

        /// <summary>Waits until a frame may begin.</summary>
        /// <param name="size">Its bytes.</param>
        /// <param name="time">In what time it is to come whole.</param>
        /// <param name="cancellationToken">The connection is gone.</param>
        public async ValueTask<FrameArrival> EnterAsync(int size, TimeSpan time, CancellationToken cancellationToken)
        {
            ValueTask entering = gate.EnterAsync(size, cancellationToken);
            if (entering.IsCompletedSuccessfully)
            {
                await entering.ConfigureAwait(false);
            }
            else
            {
                await WaitAsync(entering.AsTask()).ConfigureAwait(false);
            }

            FrameArrival arrival = new(this, room, size, time, cancellationToken);
            room.Add(arrival);
            return arrival;
        }

        /// <summary>A frame is whole, or comes no more.</summary>
        public void Came(FrameArrival arrival) => room.Remove(arrival);

        /// <summary>Gives the room of a frame back.</summary>
        public void Leave(int size) => gate.Release(size);

        private async Task WaitAsync(Task entering)
        {
            bool isKnown = gate.HasReserve;
            Interlocked.Add(ref room._knownWaiting, isKnown ? 1 : 0);
            try
            {
                while (!entering.IsCompleted)
                {
                    await Task.WhenAny(entering, Task.Delay(_gracePeriod, room.Clock)).ConfigureAwait(false);
                    if (!entering.IsCompleted)
                    {
                        room.LetSlowestGo(this);
                    }
                }
            }
            finally
            {
                Interlocked.Add(ref room._knownWaiting, isKnown ? -1 : 0);
            }

            await entering.ConfigureAwait(false);
        }
    }
}

/// <summary>A frame that has its room, from its first byte until its memory is free again.</summary>
internal sealed class FrameArrival : IMessageRoom
{
    private readonly FrameRoom.Share _share;
    private readonly TimeProvider _clock;
    private readonly int _size;
    private readonly long _begunAt;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _over;
    private long _arrived;
    private int _isLetGo;
    private int _isLeft;

    public FrameArrival(FrameRoom.Share share, FrameRoom room, int size, TimeSpan time, CancellationToken cancellationToken)
    {
        _share = share;
        _clock = room.Clock;
        _size = size;
        _begunAt = _clock.GetTimestamp();
        _late = new CancellationTokenSource(time, _clock);
        _over = CancellationTokenSource.CreateLinkedTokenSource(_late.Token, cancellationToken);
    }

    /// <inheritdoc/>
    public CancellationToken Token => _over.Token;

    /// <inheritdoc/>
    public bool IsLate => _late.IsCancellationRequested || Volatile.Read(ref _isLetGo) == 1;

    /// <summary>Gets how long it has been coming.</summary>
    public TimeSpan Age => _clock.GetElapsedTime(_begunAt);

    /// <inheritdoc/>
    public double BytesPerSecond => Volatile.Read(ref _arrived) / Math.Max(Age.TotalSeconds, double.Epsilon);

    /// <summary>Returns whether it is of the peer that has a share.</summary>
    public bool IsOf(FrameRoom.Share share) => _share == share;

    /// <inheritdoc/>
    public void Arrived(int bytes) => Interlocked.Add(ref _arrived, bytes);

    /// <inheritdoc/>
    public void IsWhole()
    {
        _share.Came(this);
        _over.Dispose();
        _late.Dispose();
    }

    /// <summary>Ends it, for others that wait.</summary>
    public void LetGo()
    {
        Volatile.Write(ref _isLetGo, 1);
        try
        {
            _over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came whole at this moment.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isLeft, 1) == 0)
        {
            IsWhole();
            _share.Leave(_size);
        }
    }
}
