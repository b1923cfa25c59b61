using System.Buffers;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// Represents the one that writes to the connection. Streams queue what they have; a caller that finds no other writing writes for all, so that a small write on
/// an idle connection leaves at once and on its caller's thread, while many writers share flushes. Frames without payload go first, then one
/// frame of each stream in turn; the connection is flushed once a batch.
/// </summary>
internal sealed class YamuxWriter : IThreadPoolWorkItem, IDisposable
{
    private const int ControlFramesATurn = 64;

    /// <summary>A caller's own thread writes this many batches, then the pool goes on: no caller is kept writing for the others.</summary>
    private const int InlineBatches = 2;

    private readonly SecureChannel _channel;
    private readonly YamuxOptions _options;
    private readonly Action<Exception> _failed;
    private readonly ITimer _flushTimer;
    private readonly byte[] _controlBytes = new byte[ControlFramesATurn * YamuxHeader.Size];
    private readonly Queue<YamuxHeader> _frames = new();
    private readonly Queue<YamuxSender> _control = new();
    private readonly Queue<YamuxSender> _data = new();
    private YamuxSender? _inFlight;
    private YamuxHeader? _goAway;
    private bool _draining;
    private bool _stopped;
    private bool _overflow;
    private TaskCompletionSource? _idle;

    /// <param name="channel">The connection; only this object writes to it.</param>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock of the write timeout.</param>
    /// <param name="failed">Told, outside the gate, that the connection cannot be written to any more.</param>
    public YamuxWriter(SecureChannel channel, YamuxOptions options, TimeProvider time, Action<Exception> failed)
    {
        _channel = channel;
        _options = options;
        _failed = failed;
        _flushTimer = time.CreateTimer(
            static state => ((YamuxWriter)state!).FlushTimedOut(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Guards the state of the session, of the queues here and of every stream's sending half.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Gated. How many streams the session has: each may owe one control frame beyond the limit.</summary>
    public required Func<int> StreamCount { get; init; }

    /// <summary>Gated. Frames of the session itself that wait.</summary>
    public int PendingFrames => _frames.Count;

    /// <summary>Ping replies that were dropped because too many waited.</summary>
    public long DroppedPings { get; private set; }

    private bool HasWork => _frames.Count > 0 || _control.Count > 0 || _data.Count > 0 || _goAway is not null;

    /// <summary>Gated. Queues a stream that owes flags or credit.</summary>
    public void QueueControl(YamuxSender sender)
    {
        if (!sender.InControlQueue && !_stopped)
        {
            sender.InControlQueue = true;
            _control.Enqueue(sender);
            CheckOverflow();
        }
    }

    /// <summary>Gated. Queues a stream that has bytes and window.</summary>
    public void QueueData(YamuxSender sender)
    {
        if (!sender.InDataQueue && !_stopped)
        {
            sender.InDataQueue = true;
            _data.Enqueue(sender);
        }
    }

    /// <summary>Gated. Queues a frame that belongs to no stream we keep: the RST of a refused stream, our ping.</summary>
    public void QueueFrame(YamuxHeader header)
    {
        if (!_stopped)
        {
            _frames.Enqueue(header);
            CheckOverflow();
        }
    }

    /// <summary>Gated. Queues the answer to a ping, or drops it when too many frames wait: only a flood gets there.</summary>
    public void QueuePong(uint value)
    {
        if (_frames.Count >= _options.MaxPendingControlFrames / 2)
        {
            DroppedPings++;
            return;
        }
        QueueFrame(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Ack, 0, value));
    }

    /// <summary>Gated. Queues the go-away, behind every other control frame.</summary>
    public void QueueGoAway(YamuxGoAwayCode code)
    {
        if (!_stopped)
        {
            _goAway = new YamuxHeader(YamuxFrameType.GoAway, YamuxFlags.None, 0, (uint)code);
        }
    }

    /// <summary>Sees to it that what is queued is sent. Not to be called under the gate.</summary>
    /// <param name="inline">The caller's thread may do the work, up to the first wait.</param>
    public void Kick(bool inline)
    {
        bool overflow;
        lock (Gate)
        {
            overflow = _overflow;
            if (!overflow)
            {
                if (_draining || _stopped || !HasWork)
                {
                    return;
                }
                _draining = true;
            }
        }
        if (overflow)
        {
            _failed(new Libp2pException(
                Libp2pErrorIds.LimitExceeded,
                $"The peer makes us answer without reading: {_options.MaxPendingControlFrames} control frames wait ({nameof(YamuxOptions.MaxPendingControlFrames)})."));
            return;
        }
        if (inline)
        {
            _ = DrainAsync(InlineBatches);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Kicks on this thread, unless that would encrypt payload: then the pool does it, and a reader's thread goes on reading.</summary>
    public void KickFromReader()
    {
        bool inline;
        lock (Gate)
        {
            inline = _data.Count == 0;
        }
        Kick(inline);
    }

    /// <summary>Completes when all that is queued was sent, or cannot be.</summary>
    public Task WhenIdleAsync()
    {
        lock (Gate)
        {
            if (!_draining && (_stopped || !HasWork))
            {
                return Task.CompletedTask;
            }
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    /// <summary>Takes nothing more and forgets what is queued. What is being flushed ends by itself or by the connection's end.</summary>
    public void Stop()
    {
        lock (Gate)
        {
            _stopped = true;
            _overflow = false;
            _frames.Clear();
            _control.Clear();
            _data.Clear();
            _goAway = null;
            if (!_draining)
            {
                _idle?.TrySetResult();
            }
        }
    }

    public void Dispose()
    {
        Stop();
        _flushTimer.Dispose();
    }

    void IThreadPoolWorkItem.Execute() => _ = DrainAsync(int.MaxValue);

    private void CheckOverflow() =>
        _overflow |= _frames.Count + _control.Count - StreamCount() > _options.MaxPendingControlFrames;

    /// <summary>Never faults: whatever ends the writing is given to <see cref="_failed"/>.</summary>
    private async Task DrainAsync(int batchesHere)
    {
        try
        {
            while (true)
            {
                FillBatch();
                if (_channel.BufferedBytes > 0)
                {
                    await FlushAsync().ConfigureAwait(false);
                }
                lock (Gate)
                {
                    if (!HasWork)
                    {
                        EndDrain();
                        return;
                    }
                }
                if (batchesHere != int.MaxValue && --batchesHere == 0)
                {
                    batchesHere = int.MaxValue;
                    await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                }
            }
        }
        catch (Exception error)
        {
            Stop();
            _failed(error);
            lock (Gate)
            {
                // Its stream has failed by now, so this ends the write with that reason.
                _inFlight?.FinishFrame();
                _inFlight = null;
                EndDrain();
            }
        }
    }

    private void EndDrain()
    {
        _draining = false;
        _idle?.TrySetResult();
        _idle = null;
    }

    /// <summary>Hands frames to the connection until a batch is full or nothing is left.</summary>
    private void FillBatch()
    {
        Span<byte> dataHeader = stackalloc byte[YamuxHeader.Size];
        while (true)
        {
            bool full = _channel.BufferedBytes > _options.WriteBatchBytes - _controlBytes.Length;
            int controlBytes;
            ReadOnlySequence<byte> payload;
            lock (Gate)
            {
                _inFlight?.FinishFrame();
                _inFlight = null;
                if (full)
                {
                    return;
                }
                controlBytes = TakeControl();
                if (TryTakeData(out YamuxHeader header, out payload))
                {
                    header.Write(dataHeader);
                }
                else if (controlBytes == 0)
                {
                    return;
                }
            }
            if (controlBytes > 0)
            {
                _channel.Write(_controlBytes.AsSpan(0, controlBytes));
            }
            if (!payload.IsEmpty)
            {
                _channel.Write(dataHeader);
                foreach (ReadOnlyMemory<byte> piece in payload)
                {
                    _channel.Write(piece.Span);
                }
            }
        }
    }

    private int TakeControl()
    {
        int length = 0;
        while (length <= _controlBytes.Length - YamuxSender.MaxControlBytes)
        {
            if (_frames.TryDequeue(out YamuxHeader header))
            {
                header.Write(_controlBytes.AsSpan(length));
                length += YamuxHeader.Size;
            }
            else if (_control.TryDequeue(out YamuxSender? sender))
            {
                sender.InControlQueue = false;
                length += sender.TakeControl(_controlBytes.AsSpan(length));
            }
            else if (_goAway is { } goAway)
            {
                goAway.Write(_controlBytes.AsSpan(length));
                length += YamuxHeader.Size;
                _goAway = null;
            }
            else
            {
                break;
            }
        }
        return length;
    }

    private bool TryTakeData(out YamuxHeader header, out ReadOnlySequence<byte> payload)
    {
        while (_data.TryDequeue(out YamuxSender? sender))
        {
            sender.InDataQueue = false;
            if (sender.TryTakeFrame(out header, out payload))
            {
                _inFlight = sender;
                return true;
            }
        }
        header = default;
        payload = default;
        return false;
    }

    private ValueTask FlushAsync()
    {
        ValueTask flush = _channel.FlushAsync(CancellationToken.None);
        return flush.IsCompletedSuccessfully ? flush : WaitForFlushAsync(flush);
    }

    private async ValueTask WaitForFlushAsync(ValueTask flush)
    {
        _flushTimer.Change(_options.WriteTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            await flush.ConfigureAwait(false);
        }
        finally
        {
            _flushTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void FlushTimedOut() =>
        _failed(new Libp2pException(
            Libp2pErrorIds.ConnectionClosed, $"The connection took nothing for {_options.WriteTimeout} ({nameof(YamuxOptions.WriteTimeout)})."));
}
