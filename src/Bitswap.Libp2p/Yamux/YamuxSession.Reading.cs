using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <content>What frames do to the session.</content>
internal sealed partial class YamuxSession
{
    /// <summary>Answers that one piece of input may make us owe before they are sent.</summary>
    private const int AnswersBeforeKick = 128;

    /// <summary>Pieces of input, of up to 64 KiB, that may come at once before readers are told of a part: a bulk stream does not hold up a small one.</summary>
    private const int InputsBeforeFlush = 8;

    /// <summary>Readers that may be owed word; a look through them is short.</summary>
    private const int MaxOwedReaders = 16;

    /// <summary>Readers with memory partly filled, few at a time. The read loop's own.</summary>
    private readonly List<YamuxReceiver> _owedReaders = [];

    private long _droppedFrames;
    private long _droppedBytes;
    private long _refusedStreams;

    /// <summary>Runs the loop of <see cref="RunAsync"/>: the one place where a connection's errors end up.</summary>
    private async Task ReadLoopAsync()
    {
        Libp2pException fault;
        YamuxGoAwayCode? goAway = null;
        uint inputs = 0;
        try
        {
            while (true)
            {
                ValueTask<ReadOnlyMemory<byte>> next = _channel.ReadAsync(CancellationToken.None);
                if (!next.IsCompleted || ++inputs % InputsBeforeFlush == 0 || _owedReaders.Count >= MaxOwedReaders)
                {
                    FlushReaders();
                }
                ReadOnlyMemory<byte> input = await next.ConfigureAwait(false);
                if (input.IsEmpty)
                {
                    fault = new Libp2pException(
                        Libp2pErrorIds.ConnectionClosed,
                        _parser.IsAtBoundary ? "The peer closed the connection." : "The connection ended within a yamux frame.");
                    break;
                }
                _parser.Parse(input.Span);
                _channel.Advance(input.Length);
                Writer.KickFromReader();
            }
        }
        catch (Libp2pException violation) when (violation.ErrorId == Libp2pErrorIds.ProtocolViolation)
        {
            fault = violation;
            goAway = YamuxGoAwayCode.ProtocolError;
        }
        catch (Exception error)
        {
            fault = AsFault(error);
        }
        Terminate(fault, goAway);
        await CloseChannelAsync().ConfigureAwait(false);
        await Writer.WhenIdleAsync().ConfigureAwait(false);
        _completion.TrySetResult();
    }

    /// <summary>Acts on a header.</summary>
    /// <returns>The stream its payload is for; null when the payload is to be dropped.</returns>
    internal YamuxStream? OnHeader(YamuxHeader header)
    {
        YamuxStream? stream = header.Type switch
        {
            YamuxFrameType.Ping => OnPing(header),
            YamuxFrameType.GoAway => OnGoAway(header),
            _ => OnStreamFrame(header),
        };
        if (stream is null)
        {
            bool crowded;
            lock (Writer.Gate)
            {
                crowded = Writer.PendingFrames >= AnswersBeforeKick;
            }
            if (crowded)
            {
                Writer.KickFromReader();
            }
        }
        return stream;
    }

    internal void OnPayload(YamuxStream? stream, ReadOnlySpan<byte> payload)
    {
        if (stream is null || stream.IsReset)
        {
            Interlocked.Add(ref _droppedBytes, payload.Length);
            return;
        }
        if (!stream.Receiver.TryDeliver(payload, out int credit))
        {
            Interlocked.Add(ref _droppedBytes, payload.Length);
            Reset(
                stream,
                $"The unread data of the connection reached {_options.ReceiveBudget} bytes ({nameof(YamuxOptions.ReceiveBudget)}).",
                Libp2pErrorIds.LimitExceeded);
            return;
        }
        if (stream.Receiver.OwesReader && !_owedReaders.Contains(stream.Receiver))
        {
            _owedReaders.Add(stream.Receiver);
        }
        if (credit > 0)
        {
            Grant(stream, credit);
        }
    }

    /// <summary>Nothing more is at hand: readers are woken for what they have, once for many frames.</summary>
    private void FlushReaders()
    {
        foreach (YamuxReceiver receiver in _owedReaders)
        {
            receiver.Flush();
        }
        _owedReaders.Clear();
    }

    internal void OnFin(YamuxStream stream)
    {
        stream.Receiver.Finish();
        lock (Writer.Gate)
        {
            stream.RemoteFinished = true;
            if (stream.Sender.FinSent)
            {
                RemoveLocked(stream);
            }
        }
    }

    /// <summary>Gated. Our FIN was sent.</summary>
    internal void HalfClosed(YamuxStream stream)
    {
        if (stream.RemoteFinished)
        {
            RemoveLocked(stream);
        }
    }

    internal YamuxReceiver NewReceiver() => new(_options, _time, _pings, _budget);

    /// <summary>Owes the peer credit; the caller sees to the sending.</summary>
    internal void Grant(YamuxStream stream, int credit)
    {
        bool measure = _pings.TryBeginMeasure(out uint ping);
        lock (Writer.Gate)
        {
            stream.Sender.Owe(YamuxFlags.None, credit);
            if (measure)
            {
                Writer.QueueFrame(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Syn, 0, ping));
            }
        }
    }

    internal void Reset(YamuxStream stream, string why, string errorId = Libp2pErrorIds.StreamReset)
    {
        var fault = new Libp2pException(errorId, why);
        lock (Writer.Gate)
        {
            if (RemoveLocked(stream))
            {
                stream.Sender.Reset(fault);
            }
            stream.MarkReset();
        }
        stream.Receiver.Fail(fault, keepBuffered: false, evenIfFinished: true);
        Writer.Kick(inline: true);
    }

    private YamuxStream? OnPing(YamuxHeader header)
    {
        if (header.Has(YamuxFlags.Ack))
        {
            _pings.Answered(header.Length);
            return null;
        }
        lock (Writer.Gate)
        {
            Writer.QueuePong(header.Length);
        }
        return null;
    }

    private YamuxStream? OnGoAway(YamuxHeader header)
    {
        if (header.Length != (uint)YamuxGoAwayCode.Normal)
        {
            throw new Libp2pException(
                Libp2pErrorIds.ConnectionClosed,
                $"The peer ended the connection with yamux go-away code {header.Length} ({(YamuxGoAwayCode)header.Length}).");
        }
        Volatile.Write(ref _goAwayReceived, true);
        EndOpens();
        return null;
    }

    private YamuxStream? OnStreamFrame(YamuxHeader header)
    {
        YamuxStream? stream;
        bool reset = header.Has(YamuxFlags.Rst);
        lock (Writer.Gate)
        {
            stream = header.Has(YamuxFlags.Syn) ? OnSynLocked(header) : FindLocked(header);
            if (stream is null)
            {
                return null;
            }
            if (header.Has(YamuxFlags.Ack) && !stream.IsAcknowledged)
            {
                stream.IsAcknowledged = true;
                _unacknowledged.Release();
            }
            if (reset)
            {
                RemoveLocked(stream);
            }
            // The length of a window update with RST is an error code (libp2p yamux, go-yamux processFlags).
            else if (header.Type == YamuxFrameType.WindowUpdate && !stream.Sender.TryGrant(header.Length))
            {
                throw YamuxHeader.Violation($"the window of stream {header.StreamId} passes 2^32 bytes");
            }
        }
        if (reset)
        {
            OnRst(stream);
            return null;
        }
        return header.Type == YamuxFrameType.Data && header.Length > 0 ? ReservePayload(stream, header) : stream;
    }

    private void OnRst(YamuxStream stream)
    {
        var fault = new Libp2pException(Libp2pErrorIds.StreamReset, "The peer reset the stream.");
        lock (Writer.Gate)
        {
            stream.Sender.Fail(fault, dropFin: true);
            stream.MarkReset();
        }
        stream.Receiver.Fail(fault, keepBuffered: false, evenIfFinished: false);
    }

    private YamuxStream? ReservePayload(YamuxStream stream, YamuxHeader header)
    {
        if (stream.Receiver.IsFinished)
        {
            Reset(stream, "The peer sent data after it had closed the stream.", Libp2pErrorIds.ProtocolViolation);
            return null;
        }
        return stream.Receiver.TryReserve(header.Length)
            ? stream
            : throw YamuxHeader.Violation($"{header.Length} bytes on stream {header.StreamId} pass over its window");
    }

    private YamuxStream? OnSynLocked(YamuxHeader header)
    {
        uint id = header.StreamId;
        if (_table.IsOwn(id))
        {
            throw YamuxHeader.Violation($"it opened stream {id}, a number of this side");
        }
        if (_table.TryGet(id, out _))
        {
            throw YamuxHeader.Violation($"it opened stream {id} twice");
        }
        _table.NoteInbound(id);
        if (header.Has(YamuxFlags.Rst))
        {
            return Dropped(header);
        }
        if (_fault is null && !_goAwaySent && _table.HasRoomForInbound)
        {
            var stream = new YamuxStream(this, id, isInbound: true) { IsAcknowledged = true };
            if (_backlog.Writer.TryWrite(stream))
            {
                _table.Add(stream);
                return stream;
            }
            stream.Receiver.ReleaseWindow();
        }
        _refusedStreams++;
        Writer.QueueFrame(new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Rst, id, 0));
        return Dropped(header);
    }

    private YamuxStream? FindLocked(YamuxHeader header)
    {
        if (_table.TryGet(header.StreamId, out YamuxStream? stream))
        {
            return stream;
        }
        if (_table.WasNeverOpened(header.StreamId) && !header.Has(YamuxFlags.Rst))
        {
            if (_table.IsOwn(header.StreamId))
            {
                throw YamuxHeader.Violation($"a {header.Type} frame for stream {header.StreamId}, which this side has not opened");
            }
            Writer.QueueFrame(new YamuxHeader(YamuxFrameType.Data, YamuxFlags.Rst, header.StreamId, 0));
        }
        return Dropped(header);
    }

    /// <summary>Counts a frame of no stream. Late frames of a closed or reset stream are no fault.</summary>
    private YamuxStream? Dropped(YamuxHeader header)
    {
        if (header.Type == YamuxFrameType.Data && header.Length > (uint)_options.MaxWindow)
        {
            throw YamuxHeader.Violation($"{header.Length} bytes on stream {header.StreamId}, more than any window");
        }
        Interlocked.Increment(ref _droppedFrames);
        return null;
    }

    /// <summary>Gated. The stream leaves the session; what it owes is still sent.</summary>
    private bool RemoveLocked(YamuxStream stream)
    {
        if (!_table.Remove(stream))
        {
            return false;
        }
        if (!stream.IsAcknowledged)
        {
            stream.IsAcknowledged = true;
            _unacknowledged.Release();
        }
        stream.Receiver.ReleaseWindow();
        return true;
    }

    /// <summary>Ends everything but the sending of what is queued. Only the first reason counts.</summary>
    private void Terminate(Libp2pException fault, YamuxGoAwayCode? goAway)
    {
        YamuxStream[] streams;
        lock (Writer.Gate)
        {
            if (_fault is not null)
            {
                return;
            }
            Volatile.Write(ref _fault, fault);
            streams = _table.TakeAll();
            if (goAway is { } code)
            {
                Writer.QueueGoAway(code);
            }
        }
        foreach (YamuxStream stream in streams)
        {
            var own = new Libp2pException(
                Libp2pErrorIds.ConnectionClosed, $"The connection of the stream is closed. {fault.Message}", fault);
            lock (Writer.Gate)
            {
                stream.Sender.Fail(own, dropFin: false);
            }
            stream.Receiver.Fail(own, keepBuffered: true, evenIfFinished: false);
            stream.Receiver.ReleaseWindow();
        }
        _shares?.Leave();
        _pings.Fail(fault);
        _backlog.Writer.TryComplete();
        EndOpens();
    }

    /// <summary>Fails those that wait to open, on threads of their own: this one may be the reader's.</summary>
    private void EndOpens() => _ = _noMoreOpens.CancelAsync();
}
