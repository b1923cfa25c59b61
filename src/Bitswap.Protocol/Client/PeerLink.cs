using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Our wants at one peer. As a timer: silence, re-sends and the wait after a failed send.</summary>
internal sealed class PeerLink : EngineTimer
{
    // Blocks that may be asked of a peer before the first came, when others could be asked as well.
    private const int FirstWindow = 8;
    private const int LeastWindow = 4;
    private const int GuessedBlockSize = 256 * 1024;

    private static readonly TimeSpan _shortQueue = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _longQueue = TimeSpan.FromMilliseconds(800);

    private readonly ClientSide _client;
    private DontHaveTimeout _timeout;

    public PeerLink(Peer peer, ClientSide client)
    {
        Peer = peer;
        _client = client;
        _timeout = new DontHaveTimeout(client.Context.Options);
        Denied = new DeniedAsks(client.Context.Options.DeniedRetryDelay, client.Context.Options.ResendInterval);
        Withdrawn = new WithdrawnWants(client.Context.Options.MaxWithdrawnWants);
    }

    public Peer Peer { get; }

    /// <summary>Every want that concerns this peer.</summary>
    public Dictionary<Multihash, PeerWant> Asks { get; } = [];

    /// <summary>What is to be told: wants for it in particular first (rank 0), then broadcasts and repetitions (rank 1).</summary>
    public LazyHeap<PeerWant> Backlog { get; } = new();

    public int Queued { get; set; }

    /// <summary>What it was told of, and may send although it is wanted no more.</summary>
    public WithdrawnWants Withdrawn { get; }

    /// <summary>What is to be withdrawn: the CIDs as the peer was told them.</summary>
    public HashSet<Cid> Cancels { get; } = [];

    /// <summary>Told, sent and not answered, oldest first.</summary>
    public AskList Live { get; } = new();

    /// <summary>Answered HAVE, and not withdrawn: the peer may yet answer otherwise.</summary>
    public AskList Promises { get; } = new();

    /// <summary>Answered DONT_HAVE, and to be asked again.</summary>
    public DeniedAsks Denied { get; }

    /// <summary>Asks in the peer's list as far as is known, that it may answer in time.</summary>
    public int Awaited { get; private set; }

    /// <summary>Asks that it has said nothing to for too long. It may have dropped them or never answer, so they keep no other from being told.</summary>
    public int Unheard { get; private set; }

    /// <summary>Asks in its list that it answered with HAVE or DONT_HAVE.</summary>
    public int Answered { get; private set; }

    /// <summary>All that may be in its list.</summary>
    public int OnWire => Awaited + Unheard + Answered;

    /// <summary>Blocks asked for or about to be, and not given up.</summary>
    public int BlocksAsked { get; set; }

    public List<OutMessage> InFlight { get; } = new(2);

    public bool IsDirty { get; set; }

    /// <summary>False until a first message, which is a full wantlist, was handed out.</summary>
    public bool WasGreeted { get; set; }

    /// <summary>A message was lost, so what the peer has in its list is unknown: a full wantlist is due, also when it is empty.</summary>
    public bool OwesFullList { get; set; }

    public int Failures { get; set; }

    public TimeSpan RetryAt { get; set; }

    public TimeSpan LastProgress { get; private set; } = TimeSpan.MinValue;

    /// <summary>It has said nothing for too long, to anything. What else it is asked meanwhile is not waited for as long.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>What the peer did wrong last, and when; of use to the asks that were sent before.</summary>
    public PeerAnswerKind? Fault { get; private set; }

    public TimeSpan FaultAt { get; private set; } = TimeSpan.MinValue;

    /// <summary>Streams that broke off since it last sent a block.</summary>
    public int BrokenStreams { get; set; }

    /// <summary>When what a broken stream was to bring is asked for again; null when nothing is.</summary>
    public TimeSpan? AskAgainAt { get; set; }

    public long AnswerCount { get; set; }

    /// <summary>Blocks it was the first to send.</summary>
    public long FirstResponses { get; set; }

    /// <summary>How many blocks may be asked of it while others could be asked as well.</summary>
    public int Window { get; private set; } = FirstWindow;

    /// <summary>When the last block came, or blocks were asked for after there had been none.</summary>
    public TimeSpan BusySince { get; set; }

    /// <summary>The moving mean of the time between blocks, while there were some to send; zero before the first.</summary>
    public TimeSpan BlockInterval { get; private set; }

    /// <summary>The shortest time from asking to a block; zero before the first.</summary>
    public TimeSpan LeastLatency { get; private set; }

    /// <summary>A block that it was asked for has come.</summary>
    public bool IsMeasured { get; private set; }

    /// <summary>How long one more block would take, after what is asked already. Of use once it is measured.</summary>
    public TimeSpan TimeForNext => LeastLatency + (BlocksAsked * BlockInterval);

    public int MeanBlockSize { get; private set; } = GuessedBlockSize;

    /// <summary>Bytes that the peer said it holds ready for us, when it last said anything.</summary>
    public int TheirPendingBytes { get; set; }

    /// <summary>Silence that counts as DONT_HAVE. A peer that has blocks for us is held up by its line, and gets the longest time.</summary>
    public TimeSpan Timeout => TheirPendingBytes > 0 ? _client.Context.Options.MaxDontHaveTimeout : IsSilent ? _client.Context.Options.MinDontHaveTimeout : _timeout.Current;

    public TimeSpan? Latency => _timeout.Latency ?? _timeout.RoundTrip;

    public void DidWrong(PeerAnswerKind fault)
    {
        Fault = fault;
        FaultAt = _client.Context.Now;
    }

    public void Pinged(TimeSpan roundTrip) => _timeout.Pinged(roundTrip);

    public void Measured(TimeSpan latency) => _timeout.Answered(latency);

    /// <summary>Something came of it.</summary>
    public void WasHeard()
    {
        LastProgress = _client.Context.Now;
        IsSilent = false;
    }

    /// <summary>Counts an ask, or no longer.</summary>
    public void Count(bool onWire, AskAnswer answer, int change)
    {
        if (!onWire)
        {
            return;
        }

        switch (answer)
        {
            case AskAnswer.None:
                Awaited += change;
                break;
            case AskAnswer.Simulated:
                Unheard += change;
                break;
            default:
                Answered += change;
                break;
        }
    }

    /// <summary>
    /// Sets the window so that about half a second of work is under way: enough to keep the line busy, little enough that the last blocks of a
    /// batch do not wait behind the slowest peer.
    /// </summary>
    public void BlockCame(TimeSpan latency, int size)
    {
        TimeSpan roundTrip = _timeout.RoundTrip ?? TimeSpan.Zero;
        if (latency < _shortQueue + roundTrip)
        {
            Window = Math.Min(Window + 1, _client.Context.Options.MaxOutstandingWants);
        }
        else if (latency > _longQueue + roundTrip)
        {
            Window = Math.Max(Window - 1, LeastWindow);
        }

        TimeSpan now = _client.Context.Now;
        TimeSpan interval = now - BusySince;
        interval = interval < latency ? interval : latency;
        BlockInterval = IsMeasured ? BlockInterval + ((interval - BlockInterval) / 4) : interval;
        LeastLatency = IsMeasured && LeastLatency < latency ? LeastLatency : latency;
        IsMeasured = true;
        BusySince = now;
        MeanBlockSize += (size - MeanBlockSize) / 8;
        BrokenStreams = 0;
    }

    /// <summary>It did not answer for a block in time; <paramref name="wholly"/>: nor anything else.</summary>
    public void FellSilent(bool wholly)
    {
        Window = Math.Max(Window / 2, LeastWindow);
        IsSilent |= wholly;
    }

    /// <summary>Whether one more block may be asked of the peer now.</summary>
    public bool HasRoom(bool othersCould)
    {
        EngineOptions options = _client.Context.Options;
        return Awaited + Queued < options.MaxOutstandingWants
            && (BlocksAsked < FirstWindow || (BlocksAsked + 1L) * Math.Max(MeanBlockSize, 1) <= options.MaxRequestedBytes)
            && (!othersCould || BlocksAsked < Window);
    }

    /// <summary>Whether a WANT_HAVE that is not needed, but helps, may go to the peer now: such never take more than half of the room.</summary>
    public bool HasRoomForHint() => Awaited + Queued < _client.Context.Options.MaxOutstandingWants / 2;

    internal override void Fire(TimeSpan now) => _client.Timeouts.LinkFired(this);
}
