using System.Buffers;
using System.Threading.Tasks.Sources;
using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// Represents the sending half of a stream: the one write that may be under way, what the peer's window still allows, and the flags and credit owed to
/// the peer. All state is guarded by the writer's gate; members that say "gated" are called under it.
/// </summary>
internal sealed class YamuxSender(uint streamId, YamuxWriter writer, Action writeClosed) : IValueTaskSource
{
    /// <summary>
    /// With its header this fits one Noise message to the byte: 65535 - 16 (tag) - 12. So a peer that decrypts message by message has a frame in one or,
    /// where the payload is encrypted from where it lies, in two.
    /// </summary>
    public const int MaxPayload = 65_507;

    /// <summary>The most bytes that <see cref="TakeControl"/> writes.</summary>
    public const int MaxControlBytes = 2 * YamuxHeader.Size;

    private readonly Action _writeClosed = writeClosed;
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private ReadOnlySequence<byte> _data;
    private bool _writing;
    private bool _pending;
    private int _inFlight;
    private Exception? _abandoned;

    private long _window = YamuxOptions.SpecifiedWindow;
    private YamuxFlags _owedFlags;
    private uint _owedCredit;
    private bool _finRequested;
    private Exception? _fault;

    /// <summary>Gated. Waits in the writer's control queue.</summary>
    public bool InControlQueue { get; set; }

    /// <summary>Gated. Waits in the writer's data queue.</summary>
    public bool InDataQueue { get; set; }

    /// <summary>Gated. The FIN was handed to the connection.</summary>
    public bool FinSent { get; private set; }

    /// <summary>Gated. The SYN has still to be sent.</summary>
    public bool OwesSyn => (_owedFlags & YamuxFlags.Syn) != 0;

    /// <summary>
    /// Starts a write, which ends once all bytes were framed within the peer's window. A write that is cancelled or fails may have framed
    /// a part of them; frames are always whole.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another write has not ended, or the stream was closed for writing.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(ct);
        }
        short version;
        lock (writer.Gate)
        {
            if (_fault is not null)
            {
                return ValueTask.FromException(_fault);
            }
            if (_finRequested)
            {
                throw new InvalidOperationException("The stream is closed for writing.");
            }
            if (_writing)
            {
                throw new InvalidOperationException("The stream is being written already.");
            }
            if (data.IsEmpty)
            {
                return default;
            }
            _source.Reset();
            version = _source.Version;
            _data = data;
            _token = ct;
            _writing = true;
            _pending = true;
            if (_window > 0)
            {
                writer.QueueData(this);
            }
        }
        writer.Kick(inline: true);
        if (ct.CanBeCanceled && _source.GetStatus(version) == ValueTaskSourceStatus.Pending)
        {
            _registration = ct.UnsafeRegister(static (state, token) => ((YamuxSender)state!).Cancel(token), this);
        }
        return new ValueTask(this, version);
    }

    /// <summary>Half-closes: a FIN follows the last byte of a write that is under way.</summary>
    public void RequestFin()
    {
        lock (writer.Gate)
        {
            if (_fault is not null)
            {
                throw _fault;
            }
            if (_finRequested)
            {
                return;
            }
            _finRequested = true;
            Owe(YamuxFlags.Fin);
        }
        writer.Kick(inline: true);
    }

    /// <summary>Gated. The next control frame carries <paramref name="flags"/> and <paramref name="credit"/>.</summary>
    public void Owe(YamuxFlags flags, int credit = 0)
    {
        if (_fault is not null)
        {
            return;
        }
        _owedFlags |= flags;
        _owedCredit += (uint)credit;
        writer.QueueControl(this);
    }

    /// <summary>Gated. Adds the peer's credit.</summary>
    /// <returns>False when no window can be so large.</returns>
    public bool TryGrant(uint credit)
    {
        _window += credit;
        if (_window > uint.MaxValue)
        {
            return false;
        }
        if (_pending && _inFlight == 0 && _window > 0)
        {
            writer.QueueData(this);
        }
        return true;
    }

    /// <summary>Gated. Ends the half from this side: the peer gets a RST, unless it never heard of the stream.</summary>
    public void Reset(Exception fault)
    {
        bool unknownToPeer = OwesSyn;
        Fail(fault, dropFin: true);
        if (!unknownToPeer)
        {
            _owedFlags = YamuxFlags.Rst;
            writer.QueueControl(this);
        }
    }

    /// <summary>Gated. Ends the half; writes under way and to come fail with <paramref name="fault"/>.</summary>
    public void Fail(Exception fault, bool dropFin)
    {
        if (_fault is not null)
        {
            return;
        }
        _fault = fault;
        if (dropFin || _pending)
        {
            _owedFlags = YamuxFlags.None;
        }
        _owedCredit = 0;
        Abandon(fault);
    }

    /// <summary>Gated. Writes the frames that carry what is owed.</summary>
    /// <returns>The bytes written.</returns>
    public int TakeControl(Span<byte> destination)
    {
        if ((_owedFlags & YamuxFlags.Rst) != 0)
        {
            _owedFlags = YamuxFlags.None;
            new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Rst, streamId, 0).Write(destination);
            return YamuxHeader.Size;
        }
        int written = 0;
        YamuxFlags opening = _owedFlags & (YamuxFlags.Syn | YamuxFlags.Ack);
        bool finNow = (_owedFlags & YamuxFlags.Fin) != 0 && !_pending;
        bool dataFollows = finNow || (_pending && InDataQueue);
        if (_owedCredit > 0 || (opening != 0 && !dataFollows))
        {
            new YamuxHeader(YamuxFrameType.WindowUpdate, opening, streamId, _owedCredit).Write(destination);
            _owedFlags &= ~opening;
            opening = YamuxFlags.None;
            _owedCredit = 0;
            written = YamuxHeader.Size;
        }
        if (finNow)
        {
            // FIN and RST ride on data frames: every implementation looks for them there, some nowhere else.
            new YamuxHeader(YamuxFrameType.Data, opening | YamuxFlags.Fin, streamId, 0).Write(destination[written..]);
            written += YamuxHeader.Size;
            _owedFlags = YamuxFlags.None;
            EndFin();
        }
        return written;
    }

    /// <summary>Gated. Takes the next frame out of the write under way; the memory is the writer's until <see cref="FinishFrame"/>.</summary>
    public bool TryTakeFrame(out YamuxHeader header, out ReadOnlySequence<byte> payload)
    {
        if (!_pending || _window == 0)
        {
            header = default;
            payload = default;
            return false;
        }
        int count = (int)Math.Min(Math.Min(_data.Length, MaxPayload), _window);
        YamuxFlags flags = _owedFlags & (YamuxFlags.Syn | YamuxFlags.Ack);
        if (count == _data.Length)
        {
            flags |= _owedFlags & YamuxFlags.Fin;
        }
        _owedFlags &= ~flags;
        if ((flags & YamuxFlags.Fin) != 0)
        {
            EndFin();
        }
        _window -= count;
        _inFlight = count;
        header = new YamuxHeader(YamuxFrameType.Data, flags, streamId, (uint)count);
        payload = _data.Slice(0, count);
        return true;
    }

    /// <summary>Gated. The frame was handed to the connection.</summary>
    public void FinishFrame()
    {
        _data = _data.Slice(_inFlight);
        _inFlight = 0;
        if (_abandoned is { } reason)
        {
            _abandoned = null;
            Complete(reason);
        }
        else if (_data.IsEmpty)
        {
            Complete(null);
        }
        else if (_window > 0)
        {
            writer.QueueData(this);
        }
    }

    void IValueTaskSource.GetResult(short token)
    {
        _registration.Unregister();
        _registration = default;
        try
        {
            _source.GetResult(token);
        }
        finally
        {
            lock (writer.Gate)
            {
                _writing = false;
            }
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        lock (writer.Gate)
        {
            if (_pending && _token == token)
            {
                Abandon(new OperationCanceledException(token));
            }
        }
        writer.Kick(inline: false);
    }

    /// <summary>Ends the write under way; if its memory is being read this moment, as soon as that is over.</summary>
    private void Abandon(Exception reason)
    {
        if (!_pending)
        {
            return;
        }
        if (_inFlight > 0)
        {
            _abandoned ??= reason;
            return;
        }
        Complete(reason);
    }

    private void Complete(Exception? reason)
    {
        _pending = false;
        _data = default;
        _token = default;
        if (_owedFlags != YamuxFlags.None || _owedCredit > 0)
        {
            writer.QueueControl(this);
        }
        if (reason is null)
        {
            _source.SetResult(true);
        }
        else
        {
            _source.SetException(reason);
        }
    }

    private void EndFin()
    {
        FinSent = true;
        _writeClosed();
    }
}
