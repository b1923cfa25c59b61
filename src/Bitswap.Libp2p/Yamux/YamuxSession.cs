using System.Threading.Channels;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// Many streams over one connection: <c>/yamux/1.0.0</c> (hashicorp yamux spec, as go-yamux and rust-yamux practise it).
/// One loop reads (<see cref="RunAsync"/>) and never waits for a write; a stream whose reader is slow fills its own window and no more; a task that
/// has something to send writes for all (<see cref="YamuxWriter"/>). The session owns the connection.
/// </summary>
internal sealed partial class YamuxSession : IAsyncDisposable
{
    /// <summary>The protocol's name in multistream-select and in the Noise extension.</summary>
    public const string ProtocolId = "/yamux/1.0.0";

    private readonly SecureChannel _channel;
    private readonly YamuxOptions _options;
    private readonly TimeProvider _time;
    private readonly YamuxPings _pings;
    private readonly ReceiveBudget _budget;
    private readonly ReceiveShares? _shares;
    private readonly YamuxStreamTable _table;
    private readonly YamuxFrameParser _parser;
    private readonly Channel<YamuxStream> _backlog;
    private readonly SemaphoreSlim _unacknowledged;
    private readonly CancellationTokenSource _noMoreOpens = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _running;
    private bool _disposed;
    private bool _goAwaySent;
    private bool _goAwayReceived;
    private Libp2pException? _fault;

    /// <param name="channel">The secured connection, owned from now on.</param>
    /// <param name="isInitiator">True at the side that dialed: it uses the odd numbers.</param>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="shares">What it shares with the other sessions of the host; null for one that is alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limits contradict each other.</exception>
    public YamuxSession(SecureChannel channel, bool isInitiator, YamuxOptions options, TimeProvider time, ReceiveShares? shares = null)
    {
        options.Validate();
        _channel = channel;
        _options = options;
        _time = time;
        _pings = new YamuxPings(options, time);
        _shares = shares;
        _shares?.Join();
        _budget = new ReceiveBudget(options.ReceiveBudget, shares);
        _table = new YamuxStreamTable(isInitiator, options);
        _parser = new YamuxFrameParser(this);
        _backlog = Channel.CreateBounded<YamuxStream>(options.AckBacklog);
        _unacknowledged = new SemaphoreSlim(options.AckBacklog, options.AckBacklog);
        Writer = new YamuxWriter(channel, options, time, WriteFailed) { StreamCount = () => _table.Count };
    }

    /// <summary>Completes, and never fails, when the session has ended and nothing of it runs any more. Why is told by <see cref="Fault"/>.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Gets what ended the session; null while it lives.</summary>
    public Libp2pException? Fault => Volatile.Read(ref _fault);

    /// <summary>Gets how many streams are open, both directions.</summary>
    public int StreamCount
    {
        get
        {
            lock (Writer.Gate)
            {
                return _table.Count;
            }
        }
    }

    /// <summary>Gets how many streams the peer has open.</summary>
    public int InboundStreamCount
    {
        get
        {
            lock (Writer.Gate)
            {
                return _table.InboundCount;
            }
        }
    }

    /// <summary>Gets the round trip as measured by pings; null before the first.</summary>
    public TimeSpan? RoundTrip => _pings.RoundTrip;

    /// <summary>Gets the bytes of memory that hold data that is not read yet.</summary>
    public long BufferedBytes => _budget.Buffered;

    /// <summary>Gets the sum of all receive windows.</summary>
    public long WindowBytes => _budget.Windows;

    /// <summary>Frames for streams that were closed or never opened.</summary>
    public long DroppedFrames => Interlocked.Read(ref _droppedFrames);

    /// <summary>Payload bytes of <see cref="DroppedFrames"/> and of streams that were reset while it came.</summary>
    public long DroppedBytes => Interlocked.Read(ref _droppedBytes);

    /// <summary>Streams of the peer that were refused with a RST.</summary>
    public long RefusedStreams => Interlocked.Read(ref _refusedStreams);

    internal YamuxWriter Writer { get; }

    private static Libp2pException ClosedHere => new(Libp2pErrorIds.ConnectionClosed, "The connection was closed from this side.");

    /// <summary>Reads until the connection ends, from whichever side; never fails. To be called once.</summary>
    public Task RunAsync()
    {
        lock (Writer.Gate)
        {
            if (_running)
            {
                throw new InvalidOperationException("The session runs already.");
            }
            _running = true;
            if (_disposed)
            {
                return Completion;
            }
        }
        return ReadLoopAsync();
    }

    /// <summary>
    /// Opens a stream: its SYN is sent at once, and it can be written to without waiting for the peer's ACK. Waits only while
    /// <see cref="YamuxOptions.AckBacklog"/> streams have not been acknowledged.
    /// </summary>
    /// <exception cref="Libp2pException">ConnectionClosed: the session ended, or the peer takes no more streams. LimitExceeded: no number is left.</exception>
    public async ValueTask<YamuxStream> OpenAsync(CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ThrowIfNoMoreOpens();
        if (!_unacknowledged.Wait(0, CancellationToken.None))
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _noMoreOpens.Token);
            try
            {
                await _unacknowledged.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                ThrowIfNoMoreOpens();
                throw;
            }
        }
        YamuxStream stream;
        lock (Writer.Gate)
        {
            try
            {
                ThrowIfNoMoreOpens();
                stream = new YamuxStream(this, _table.TakeId(), isInbound: false);
            }
            catch
            {
                _unacknowledged.Release();
                throw;
            }
            _table.Add(stream);
            stream.Sender.Owe(YamuxFlags.Syn, _options.InitialWindow - YamuxOptions.SpecifiedWindow);
        }
        Writer.Kick(inline: true);
        return stream;
    }

    /// <summary>Takes the next stream the peer opened, and acknowledges it.</summary>
    /// <returns>The stream, or null when the session ended.</returns>
    public async ValueTask<YamuxStream?> AcceptAsync(CancellationToken ct)
    {
        while (await _backlog.Reader.WaitToReadAsync(ct).ConfigureAwait(false))
        {
            if (Fault is null && _backlog.Reader.TryRead(out YamuxStream? stream))
            {
                lock (Writer.Gate)
                {
                    stream.Sender.Owe(YamuxFlags.Ack, _options.InitialWindow - YamuxOptions.SpecifiedWindow);
                }
                Writer.Kick(inline: true);
                return stream;
            }
            if (Fault is not null)
            {
                return null;
            }
        }
        return null;
    }

    /// <summary>Measures a round trip.</summary>
    /// <exception cref="Libp2pException">PingTimeout, ConnectionClosed, or LimitExceeded: too many pings are unanswered.</exception>
    public async ValueTask<TimeSpan> PingAsync(CancellationToken ct)
    {
        (uint id, Task<TimeSpan> answer) = _pings.Begin();
        SendPing(id);
        try
        {
            return await answer.WaitAsync(_options.PingTimeout, _time, ct).ConfigureAwait(false);
        }
        catch (TimeoutException timeout)
        {
            throw new Libp2pException(
                Libp2pErrorIds.PingTimeout, $"The peer did not answer a ping for {_options.PingTimeout} ({nameof(YamuxOptions.PingTimeout)}).", timeout);
        }
        finally
        {
            _pings.Forget(id);
        }
    }

    /// <summary>Tells the peer that no stream of its will be taken any more. Open streams go on.</summary>
    public ValueTask GoAwayAsync(YamuxGoAwayCode code, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        lock (Writer.Gate)
        {
            if (_fault is not null)
            {
                throw _fault;
            }
            _goAwaySent = true;
            Writer.QueueGoAway(code);
        }
        Writer.Kick(inline: true);
        return default;
    }

    /// <summary>
    /// Ends the session: every call fails with ConnectionClosed, the go-away is sent if the connection takes it within
    /// <see cref="YamuxOptions.CloseTimeout"/>, the connection is closed, and the loop has ended when this returns.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        bool running;
        bool first;
        lock (Writer.Gate)
        {
            running = _running;
            first = !_disposed;
            _disposed = true;
        }
        if (!first)
        {
            await Completion.ConfigureAwait(false);
            return;
        }
        Terminate(ClosedHere, YamuxGoAwayCode.Normal);
        await CloseChannelAsync().ConfigureAwait(false);
        if (!running)
        {
            _completion.TrySetResult();
        }
        await Completion.ConfigureAwait(false);
        await Writer.WhenIdleAsync().ConfigureAwait(false);
        await _channel.DisposeAsync().ConfigureAwait(false);
        Writer.Dispose();
    }

    private void ThrowIfNoMoreOpens()
    {
        if (Fault is { } fault)
        {
            throw new Libp2pException(fault.ErrorId, fault.Message, fault);
        }
        if (Volatile.Read(ref _goAwayReceived))
        {
            throw new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The peer takes no more streams on this connection.");
        }
    }

    private void SendPing(uint id)
    {
        lock (Writer.Gate)
        {
            Writer.QueueFrame(new YamuxHeader(YamuxFrameType.Ping, YamuxFlags.Syn, 0, id));
        }
        Writer.Kick(inline: true);
    }

    /// <summary>Sends what is queued if the connection takes it in time, then closes it.</summary>
    private async Task CloseChannelAsync()
    {
        Writer.Kick(inline: true);
        try
        {
            await Writer.WhenIdleAsync().WaitAsync(_options.CloseTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The peer does not read: its last frames are lost to it, which is what the timeout is for.
        }
        Writer.Stop();
        _channel.Abort();
    }

    private void WriteFailed(Exception error)
    {
        Terminate(AsFault(error), goAway: null);
        Writer.Stop();
        _channel.Abort();
    }

    private static Libp2pException AsFault(Exception error) =>
        error as Libp2pException ?? new Libp2pException(Libp2pErrorIds.ConnectionClosed, $"The connection failed: {error.Message}", error);
}
