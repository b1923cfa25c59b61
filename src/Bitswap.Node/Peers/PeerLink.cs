using System.Threading.Channels;
using Bitswap.Node.Core;
using Bitswap.Node.Engine;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Peers;

/// <summary>
/// One connected peer: learns which Bitswap it speaks, tells the engine of it, writes what the engine sends and
/// reads what the peer does.
/// </summary>
/// <remarks>
/// Messages go out on a stream of our own that is kept while it is in use and closed when it has been idle, since some peers
/// (Helia after 10 s) end an idle inbound stream and would lose what is written just then. Answers never go on the
/// stream a request came in on. What a peer writes on our stream is read all the same: some answer there.
/// </remarks>
internal sealed class PeerLink
{
    private readonly IPeerNetwork _network;
    private readonly EngineLoop _loop;
    private readonly PeerInbox _inbox;
    private readonly MessageIntake _intake;
    private readonly LinkOptions _options;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _gone = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // the outcome of the negotiation that is under way or comes next; guarded by the lock of _changed, as the one before is
    private TaskCompletionSource<bool> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _speaks;

    // The engine keeps few messages in flight a peer, so the queue is short by its word, and bounded by ours.
    private readonly Channel<OutgoingMessage> _outgoing;
    private OutboundStream? _outbound;
    private readonly FilterQueue? _filterQueue;
    private int _exchanges;
    private Task _measuring = Task.CompletedTask;
    private Task _deciding = Task.CompletedTask;
    private volatile ConnectionEnd? _end;
    private bool _isUnfit;

    public PeerLink(PeerId peer, IPeerNetwork network, EngineLoop loop, ByteGate gate, LinkOptions options, ILogger log)
    {
        Peer = peer;
        _network = network;
        _loop = loop;
        _options = options;
        _log = log;
        _inbox = new PeerInbox(loop);
        _filterQueue = options.Access is { } access ? new FilterQueue(peer, access, _inbox) : null;
        _intake = new MessageIntake(peer, loop, _inbox, gate.Open(), _filterQueue, options, log);
        _outgoing = Channel.CreateBounded<OutgoingMessage>(new BoundedChannelOptions(options.MaxQueuedMessages) { SingleReader = true });
    }

    /// <summary>Gets the peer.</summary>
    public PeerId Peer { get; }

    /// <summary>Gets the Bitswap it speaks, once negotiated.</summary>
    public BitswapVersion? Version { get; private set; }

    /// <summary>True once the engine knows the peer; false when it has said that it speaks no Bitswap, or is gone.</summary>
    public Task<bool> Ready => _ready.Task;

    /// <summary>Ends when the link has let go of everything.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Starts once the peer's former link has ended, so that the engine sees it leave before it comes.</summary>
    public void Start(Task former) => Completion = RunAsync(former);

    /// <summary>The peer's protocols may have changed: one that refused Bitswap is asked again.</summary>
    public void ProtocolsChanged()
    {
        lock (_changed)
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    /// <summary>The connection is gone.</summary>
    public void Stop(ConnectionEnd end)
    {
        _end = end;
        _gone.Cancel();
    }

    /// <summary>Queues a message. False when the link is ending and will not send it.</summary>
    public bool TrySend(OutgoingMessage message) => _outgoing.Writer.TryWrite(message);

    /// <summary>Blocks go between the two: what was connected for a moment only stays.</summary>
    public Task ExchangesAsync() => Interlocked.Exchange(ref _exchanges, 1) == 0 ? _network.KeepAsync(Peer).AsTask() : Task.CompletedTask;

    /// <summary>Serves a stream that the peer opened.</summary>
    public async Task HandleInboundAsync(IPeerStream stream, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _gone.Token);
        if (await Ready.WaitAsync(either.Token).ConfigureAwait(false) || await SpeaksAfterAllAsync(either.Token).ConfigureAwait(false))
        {
            await _intake.ReadAsync(stream, null, either.Token).ConfigureAwait(false);
        }
    }

    // One that was asked over a connection that closed, while another stays, may have been taken for one without Bitswap; that it opens a stream of it shows otherwise.
    private Task<bool> SpeaksAfterAllAsync(CancellationToken cancellationToken)
    {
        Task<bool> next;
        lock (_changed)
        {
            if (_speaks)
            {
                return Task.FromResult(true);
            }

            next = _next.Task;
        }

        ProtocolsChanged();
        return next.WaitAsync(cancellationToken);
    }

    private void Conclude(bool speaks)
    {
        lock (_changed)
        {
            _speaks = speaks;
            _next.TrySetResult(speaks);
            _next = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _ready.TrySetResult(speaks);
    }

    private async Task RunAsync(Task former)
    {
        await former.ConfigureAwait(false);
        CancellationToken gone = _gone.Token;
        try
        {
            if (await NegotiateAsync(gone).ConfigureAwait(false))
            {
                await SendAllAsync(gone).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The connection is gone, which is how every link ends.
        }
        finally
        {
            Conclude(false);
            await EndAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> NegotiateAsync(CancellationToken gone)
    {
        while (true)
        {
            try
            {
                OutboundStream stream = await OpenAsync(_options.Protocols, gone).ConfigureAwait(false);
                BitswapVersion version = BitswapProtocolIds.FromId(stream.Protocol);
                _outbound = stream;
                Version = version;
                bool posted = await _loop.PostAsync(
                    (engine, now) =>
                    {
                        engine.PeerConnected(Peer, version, now);
                        _loop.Scores.Update(engine, Peer, now);
                        _loop.Watch.PeerConnected(Peer, version);
                    },
                    gone).ConfigureAwait(false);
                _log.PeerSpeaksBitswap(Peer, stream.Protocol);
                _measuring = MeasureAsync(gone);
                _deciding = _filterQueue?.RunAsync(gone) ?? Task.CompletedTask;
                Conclude(posted);
                return posted;
            }
            catch (BitswapException failure)
            {
                _log.PeerSpeaksNoBitswap(Peer, failure.Message);
                _isUnfit = true;
                await _loop.PostAsync((engine, now) => engine.PeerUnfit(Peer, PeerAnswerKind.NoBitswap, failure.Message, now), gone).ConfigureAwait(false);
                Conclude(false);
            }

            await _changed.WaitAsync(gone).ConfigureAwait(false);
        }
    }

    /// <summary>Tells the engine how far the peer is, which it judges silence by.</summary>
    private async Task MeasureAsync(CancellationToken gone)
    {
        try
        {
            TimeSpan roundTrip = await _network.PingAsync(Peer, gone).ConfigureAwait(false);
            await _loop.PostAsync((engine, now) => engine.PeerLatency(Peer, roundTrip, now), gone).ConfigureAwait(false);
        }
        catch (Exception end) when (end is BitswapException or IOException or OperationCanceledException)
        {
            _log.NoRoundTrip(Peer, end.Message);
        }
    }

    private async Task SendAllAsync(CancellationToken gone)
    {
        ChannelReader<OutgoingMessage> outgoing = _outgoing.Reader;
        while (await WaitForMessageAsync(outgoing, gone).ConfigureAwait(false))
        {
            while (outgoing.TryRead(out OutgoingMessage next))
            {
                if (next.Message.Blocks.Count > 0)
                {
                    await ExchangesAsync().ConfigureAwait(false);
                }

                if (next.Message.Wantlist.Any(static want => want is { Cancel: false, Type: WantType.Block }))
                {
                    _intake.IsAsked();
                }

                long started = _options.Clock.GetTimestamp();
                bool sent = await TrySendAsync(next.Message, gone).ConfigureAwait(false);
                TimeSpan took = _options.Clock.GetElapsedTime(started);
                ServedBlock[] served = sent ? [.. next.Message.Blocks.Select(ServedBlock.Read)] : [];
                await _loop.PostAsync(
                    (engine, now) =>
                    {
                        _loop.Watch.Delivered(Peer, next.Id, next.Message, sent);
                        if (sent)
                        {
                            _intake.Exchanged(next.Message.Blocks.Count);
                            _loop.NoteSent(Peer, next.Message, served, took);
                        }

                        engine.MessageSent(Peer, next.Id, sent, now);
                    },
                    gone).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<bool> WaitForMessageAsync(ChannelReader<OutgoingMessage> outgoing, CancellationToken gone)
    {
        ValueTask<bool> message = outgoing.WaitToReadAsync(gone);
        if (message.IsCompleted || _outbound is null)
        {
            return await message.ConfigureAwait(false);
        }

        Task<bool> waiting = message.AsTask();
        try
        {
            return await waiting.WaitAsync(_options.IdleStreamTime, _options.Clock, gone).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await CloseOutboundAsync(gone).ConfigureAwait(false);
            return await waiting.ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> TrySendAsync(BitswapMessage message, CancellationToken gone)
    {
        BitswapVersion version = Version!.Value;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                _outbound = _outbound is { IsOver: false } open
                    ? open
                    : await OpenAsync([BitswapProtocolIds.ToId(version)], gone).ConfigureAwait(false);
                await _outbound.WriteAsync(message, gone).ConfigureAwait(false);
                return true;
            }
            catch (Exception failure) when (failure is BitswapException or IOException or TimeoutException or WireException)
            {
                _log.SendFailed(Peer, attempt, failure.Message);
                _outbound?.Reset();
                _outbound = null;
                if (attempt >= _options.SendAttempts)
                {
                    return false;
                }
            }

            await Task.Delay(_options.SendBackOff, _options.Clock, gone).ConfigureAwait(false);
        }
    }

    private async Task<OutboundStream> OpenAsync(IReadOnlyList<string> protocols, CancellationToken gone)
    {
        IPeerStream stream = await _network.OpenStreamAsync(Peer, protocols, gone).ConfigureAwait(false);
        OutboundStream outbound = new(stream);
        outbound.Read(_intake.ReadAsync(stream, outbound, gone));
        return outbound;
    }

    private async ValueTask CloseOutboundAsync(CancellationToken gone)
    {
        if (_outbound is { } idle)
        {
            _outbound = null;
            await idle.CloseAsync(gone).ConfigureAwait(false);
        }
    }

    private async ValueTask EndAsync()
    {
        _outgoing.Writer.TryComplete();
        _outbound?.Reset();
        await _measuring.ConfigureAwait(false);
        await _deciding.ConfigureAwait(false);
        if (Version is null && !_isUnfit)
        {
            return;
        }

        ConnectionEnd? end = _end;
        PeerLoss loss = new(CanReturn: end?.MayReturn != false && _options.Addresses.Find(Peer).Count > 0, end?.ByUs == true, end?.Reason);

        // After all that came of it, and before it comes again: the engine frees all it holds for the peer, the messages in flight with it.
        await _inbox.ApplyAsync(1, (engine, now) =>
        {
            if (Version is not null)
            {
                _loop.Watch.PeerDisconnected(Peer);
                _loop.Scores.Remove(Peer);
                _loop.Graphs.Left(Peer, _options.Clock.GetUtcNow());
            }

            engine.PeerDisconnected(Peer, now, loss);
        }).ConfigureAwait(false);
    }
}
