using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Bitswap.Libp2p.Addresses;
using Bitswap.Multiformats;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Networks.Http;

/// <summary>
/// One gateway as a connected peer: what it is asked for waits in a queue, a few requests are under way at once, and what is answered is read as messages. A want is
/// asked for twice at the most; after that, and while the gateway is to be left alone for long, the answer is that it refused.
/// </summary>
internal sealed class GatewayConnection
{
    // More than the engine has outstanding at one peer by default.
    private const int MaxWants = 4096;
    private const int MaxAttempts = 2;

    // Under the silence that the engine takes for a no.
    private static readonly TimeSpan _shortPause = TimeSpan.FromSeconds(3);

    private readonly GatewayShare _share;
    private readonly GatewayQueue _queue = new(MaxWants);
    private readonly GatewayHealth _health;
    private readonly GatewayCars _cars;
    private readonly CancellationTokenSource _gone = new();
    private readonly Channel<GatewayMessage> _answers;
    private readonly Action<GatewayConnection, ConnectionEnd> _letGo;
    private readonly AddressScope? _source;
    private long _usedAt;
    private volatile bool _hasNoHead;

    /// <param name="address">The gateway.</param>
    /// <param name="source">How far the source reaches that named it; null where a person did.</param>
    /// <param name="share">What all gateways of a node share.</param>
    /// <param name="greeting">What it answered first.</param>
    /// <param name="letGo">Ends the connection.</param>
    public GatewayConnection(HttpAddress address, AddressScope? source, GatewayShare share, GatewayGreeting greeting, Action<GatewayConnection, ConnectionEnd> letGo)
    {
        Address = address;
        _source = source;
        _share = share;
        _letGo = letGo;
        _hasNoHead = greeting.HasNoHead;
        _health = new GatewayHealth(share.Options, share.Messages.Clock);
        _cars = new GatewayCars(address, source, share, _health, PutBack, JudgeCar);
        _answers = Channel.CreateBounded<GatewayMessage>(share.Options.RequestsPerGateway);
        Info = new PeerConnectionInfo(address.PeerId, address.Multiaddr, false, share.Messages.Clock.GetUtcNow(), greeting.Agent, [FoundProvider.GatewayTransport], greeting.Latency);
        _usedAt = share.Messages.Clock.GetTimestamp();
        Gone = _gone.Token;
    }

    /// <summary>Gets the gateway.</summary>
    public HttpAddress Address { get; }

    /// <summary>Gets the connection as the node sees it.</summary>
    public PeerConnectionInfo Info { get; private set; }

    /// <summary>Gets whether a person named it, who answers for it.</summary>
    public bool IsNamed => _source is null;

    /// <summary>Gets how far the source reaches that named it; null where a person did.</summary>
    public AddressScope? Source => _source;

    /// <summary>Gets how long nothing was asked of it; zero while something is.</summary>
    public TimeSpan Idle => _queue.Count > 0 || _cars.IsBusy ? TimeSpan.Zero : _share.Messages.Clock.GetElapsedTime(Interlocked.Read(ref _usedAt));

    /// <summary>Gets what ends with the connection.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Notes a round trip that was measured.</summary>
    public void Measured(TimeSpan latency) => Info = Info with { Latency = latency };

    /// <summary>Takes what is wanted, and what is wanted no more; what this node has is not told.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    /// <exception cref="TimeoutException">There was no room in time.</exception>
    public async ValueTask WriteAsync(BitswapMessage message, CancellationToken cancellationToken)
    {
        if (Gone.IsCancellationRequested)
        {
            throw new IOException("The gateway was let go.");
        }

        Interlocked.Exchange(ref _usedAt, _share.Messages.Clock.GetTimestamp());
        foreach (WantlistEntry entry in message.Wantlist.Where(static entry => entry.Cancel))
        {
            _queue.Cancel(entry.Cid);
            _cars.Cancel(entry.Cid);
        }

        if (message.Full)
        {
            HashSet<Cid> left = message.Wantlist.Where(static entry => !entry.Cancel).Select(static entry => entry.Cid).ToHashSet();
            _queue.CancelAllBut(left);
            _cars.CancelAllBut(left);
        }

        foreach (WantlistEntry entry in message.Wantlist.Where(static entry => !entry.Cancel))
        {
            if (!_cars.TryTake(entry) && !_queue.TryAdd(entry))
            {
                await WaitAndAddAsync(entry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Reads what is answered until the connection is gone; a few requests are under way meanwhile.</summary>
    public async IAsyncEnumerable<IncomingMessage> ReadAsync(IMessageAdmission admission, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Gone);
        GatewayBody body = new(admission, _share.Messages, _share.Options.GatewayTimeout);
        IEnumerable<Task> workers = Enumerable.Range(0, _share.Options.RequestsPerGateway).Select(_ => Task.Run(() => WorkAsync(body, over.Token), CancellationToken.None));
        Task working = Task.WhenAll([.. workers, Task.Run(() => _cars.RunAsync(_answers.Writer, admission, over.Token), CancellationToken.None)]);
        try
        {
            while (true)
            {
                GatewayMessage message;
                try
                {
                    message = await _answers.Reader.ReadAsync(over.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (over.IsCancellationRequested)
                {
                    yield break;
                }

                yield return message;
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_answers.Reader.TryRead(out GatewayMessage? left))
            {
                left.Done();
            }
        }
    }

    /// <summary>The connection is over.</summary>
    public void Close()
    {
        _gone.Cancel();
        _cars.Close();
    }

    private async ValueTask WaitAndAddAsync(WantlistEntry entry, CancellationToken cancellationToken)
    {
        TimeSpan limit = MessageOptions.TransferTime(0);
        using CancellationTokenSource late = new(limit, _share.Messages.Clock);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken, Gone);
        try
        {
            do
            {
                await _queue.WaitForRoomAsync(over.Token).ConfigureAwait(false);
            }
            while (!_queue.TryAdd(entry));
        }
        catch (OperationCanceledException) when (Gone.IsCancellationRequested)
        {
            throw new IOException("The gateway was let go.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{MaxWants} wants wait for the gateway {Address}, and none was answered within {NodeErrors.Seconds(limit)}.");
        }
    }

    private async Task WorkAsync(GatewayBody body, CancellationToken over)
    {
        try
        {
            while (true)
            {
                GatewayWant want = await _queue.TakeAsync(over).ConfigureAwait(false);
                using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(want.Token, over);
                try
                {
                    await ServeAsync(want, body, ends.Token, over).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!over.IsCancellationRequested)
                {
                    // It is wanted no more.
                    _queue.Done(want);
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The connection is gone.
        }
        catch (Exception failure) when (!over.IsCancellationRequested)
        {
            // No request is lost without a word.
            _letGo(this, new ConnectionEnd(ByUs: true, failure.Message));
            throw;
        }
    }

    private async ValueTask ServeAsync(GatewayWant want, GatewayBody body, CancellationToken ends, CancellationToken over)
    {
        (TimeSpan left, string reason) = _health.Pause;
        if (left > _shortPause)
        {
            await AnswerAsync(want, new GatewayAnswer(GatewayAnswerKind.Refused, $"{reason}; it is left alone for {NodeErrors.Seconds(TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds)))}"), over).ConfigureAwait(false);
            return;
        }

        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, _share.Messages.Clock, ends).ConfigureAwait(false);
        }

        GatewayAnswer answer;
        await _share.Gates.EnterAsync(Address, ends).ConfigureAwait(false);
        long begun = _share.Messages.Clock.GetTimestamp();
        try
        {
            answer = await AskAsync(want, body, ends).ConfigureAwait(false);
        }
        finally
        {
            _share.Gates.Leave(Address);
        }

        Interlocked.Exchange(ref _usedAt, _share.Messages.Clock.GetTimestamp());
        ConnectionEnd? end = Judge(answer, begun);
        bool isLater = answer.Kind is GatewayAnswerKind.Busy or GatewayAnswerKind.Failed;
        if (isLater)
        {
            _share.Log.GatewayFailed(Address.PeerId, Address.ToString(), want.Cid, answer.Reason!);
        }

        if (isLater && want.Attempts + 1 < MaxAttempts && end is null)
        {
            _queue.PutBack(want);
        }
        else
        {
            await AnswerAsync(want, answer, over).ConfigureAwait(false);
        }

        if (end is not null)
        {
            _letGo(this, end);
        }
    }

    private void PutBack(IReadOnlyList<WantlistEntry> entries)
    {
        foreach (WantlistEntry entry in entries)
        {
            _queue.TryAdd(entry, isBack: true);
        }
    }

    private void JudgeCar(GatewayAnswer answer, long begun)
    {
        Interlocked.Exchange(ref _usedAt, _share.Messages.Clock.GetTimestamp());
        if (Judge(answer, begun) is { } end)
        {
            _letGo(this, end);
        }
    }

    /// <summary>Takes an answer into account; returns how the connection is to end, if it is.</summary>
    private ConnectionEnd? Judge(GatewayAnswer answer, long begun)
    {
        switch (answer.Kind)
        {
            case GatewayAnswerKind.Missing:
                return _health.Missed() && !IsNamed
                    ? new ConnectionEnd(ByUs: true, $"It had none of the last {GatewayHealth.MaxMissing} blocks that it was asked for.") { MayReturn = false }
                    : null;
            case GatewayAnswerKind.Busy:
                _health.Busy(answer.RetryAfter, answer.Reason!);
                return null;
            case GatewayAnswerKind.Failed or GatewayAnswerKind.Wrong:
                return _health.Failed(begun, answer.Reason!)
                    ? new ConnectionEnd(ByUs: true, $"{_share.Options.MaxGatewayFailures} requests in a row failed; the last: {answer.Reason}.")
                    : null;
            default:
                _health.Answered();
                return null;
        }
    }

    private async ValueTask<GatewayAnswer> AskAsync(GatewayWant want, GatewayBody body, CancellationToken ends)
    {
        bool isHead = want.Type == WantType.Have && !_hasNoHead;
        using SilenceLimit silence = new(_share.Options.GatewayTimeout, _share.Messages.Clock, ends);
        try
        {
            if (want.Type == WantType.Have && _cars.Has(want.Cid))
            {
                return new GatewayAnswer(GatewayAnswerKind.Has);
            }

            using HttpResponseMessage response = await _share.Http.SendAsync(Address, _source, isHead ? HttpMethod.Head : HttpMethod.Get, want.Cid, silence).ConfigureAwait(false);
            if (isHead && response.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
            {
                _hasNoHead = true;
                return await AskAsync(want, body, ends).ConfigureAwait(false);
            }

            return response.StatusCode != HttpStatusCode.OK ? await GatewayStatus.ReadAsync(response, _share.Messages.Clock, silence).ConfigureAwait(false)
                : want.Type == WantType.Have ? new GatewayAnswer(GatewayAnswerKind.Has)
                : await ReadBlockAsync(want.Cid, response, body, ends).ConfigureAwait(false);
        }
        catch (GatewayException failure)
        {
            return new GatewayAnswer(failure.IsMisleading ? GatewayAnswerKind.Refused : GatewayAnswerKind.Failed, failure.Message.TrimEnd('.'));
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException or TimeoutException)
        {
            return new GatewayAnswer(GatewayAnswerKind.Failed, broken.Message.TrimEnd('.'));
        }
    }

    private async ValueTask<GatewayAnswer> ReadBlockAsync(Cid cid, HttpResponseMessage response, GatewayBody body, CancellationToken ends)
    {
        if (response.Content.Headers.ContentEncoding.Any(static coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            return new GatewayAnswer(GatewayAnswerKind.Failed, "it answered with a block that is compressed, which was not asked for");
        }

        int limit = Math.Min(_share.Messages.Wire.MaxBlockSize, BlockRule.MaxSize(cid));
        (ReadOnlyMemory<byte>? data, IMessageRoom? room) = await body.ReadAsync(response, limit, ends).ConfigureAwait(false);
        return data is not { } bytes ? new GatewayAnswer(GatewayAnswerKind.TooBig, $"it answered with more than the {limit} bytes that a block may have")
            : cid.Hash.Matches(bytes.Span) ? new GatewayAnswer(GatewayAnswerKind.Given) { Block = new Block(cid, bytes), Room = room }
            : new GatewayAnswer(GatewayAnswerKind.Wrong, "it answered with bytes that do not hash to the CID") { Block = new Block(TrueCid(cid, bytes.Span), bytes), Room = room };
    }

    private static Cid TrueCid(Cid cid, ReadOnlySpan<byte> data) =>
        Cid.CreateV1(cid.Codec, Multihash.Compute(cid.Hash.Code, data, cid.Hash.Digest.Length));

    private async ValueTask AnswerAsync(GatewayWant want, GatewayAnswer answer, CancellationToken over)
    {
        BlockPresence presence = new(want.Cid, PresenceType.DontHave, answer.Reason);
        BitswapMessage message = answer.Kind switch
        {
            GatewayAnswerKind.Given => new BitswapMessage { Blocks = [answer.Block!.Value] },
            GatewayAnswerKind.Has => new BitswapMessage { Presences = [new BlockPresence(want.Cid, PresenceType.Have)] },
            GatewayAnswerKind.Missing => new BitswapMessage { Presences = [presence with { Refusal = null }] },
            GatewayAnswerKind.Wrong => new BitswapMessage { Blocks = [answer.Block!.Value], Presences = [presence] },
            GatewayAnswerKind.TooBig => new BitswapMessage { OversizedBlocks = 1, Presences = [presence] },
            _ => new BitswapMessage { Presences = [presence] },
        };
        GatewayMessage told = new(message, want.Cid.ByteLength + (answer.Block?.Data.Length ?? 0), _share.Messages.Memory, answer.Room);
        try
        {
            await _answers.Writer.WriteAsync(told, over).ConfigureAwait(false);
        }
        catch
        {
            told.Done();
            throw;
        }

        _queue.Done(want);
    }
}

/// <summary>What all gateways of a node share.</summary>
/// <param name="Http">Sends requests.</param>
/// <param name="Options">The limits.</param>
/// <param name="Messages">How messages are read.</param>
/// <param name="Gates">How many requests go to one host at once.</param>
/// <param name="Walks">The graphs that are walked.</param>
/// <param name="Log">Where it is told.</param>
internal sealed record GatewayShare(GatewayHttp Http, HttpRetrievalOptions Options, MessageOptions Messages, HostGates Gates, GraphWalks Walks, ILogger Log);

/// <summary>What a gateway answered to the first request.</summary>
/// <param name="Agent">What it calls itself, or null.</param>
/// <param name="HasNoHead">Whether it takes no HEAD.</param>
/// <param name="Latency">How long it took.</param>
internal sealed record GatewayGreeting(string? Agent, bool HasNoHead, TimeSpan Latency);
