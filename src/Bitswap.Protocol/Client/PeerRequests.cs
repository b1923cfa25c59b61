using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>Represents a wantlist message that was handed out and not yet reported sent.</summary>
internal sealed record WantlistMessage(long Id, List<PeerRequest> Told, TimeSpan HandedOut);

/// <summary>
/// Represents what one peer was asked: the wire's view of it, which is what it may have in its list of us, what it is to be told next, and what it answered. As a timer: the earliest of
/// the deadlines of the peer (<see cref="PeerTimeout"/>).
/// </summary>
internal sealed class PeerRequests(Peer peer, EngineContext context) : EngineTimer
{
    private const int MaxDoublings = 5;
    private const int Gain = 4;

    private static readonly TimeSpan _minGain = TimeSpan.FromMilliseconds(250);

    // A peer that has sent no block yet may say that its line holds one up for so long. A block that was promised may take as long, too: word of it comes in no time, and so tells
    // nothing of how long its line is taken by what it sends to others.
    private static readonly TimeSpan _firstBlock = TimeSpan.FromSeconds(1);

    // How soon a peer that breaks off again and again is asked again: 250 ms, doubled up to 8 s.
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);

    private int _brokenStreams;
    private int _failures;
    private bool _isMarked;
    private int _theirPendingBytes;

    public Peer Peer => peer;

    public PeerId Id => peer.Id;

    /// <summary>Gets whether the peer knows WANT_HAVE, HAVE and DONT_HAVE.</summary>
    public bool KnowsPresence => peer.KnowsPresence;

    public PeerPerformance Performance { get; } = new(context.Options);

    /// <summary>Gets the requests by the multihash that they are for.</summary>
    public Dictionary<Multihash, PeerRequest> ByHash { get; } = [];

    /// <summary>Gets what is to be told: wants for this peer in particular first (rank 0), then broadcasts and repetitions (rank 1).</summary>
    public LazyPriorityQueue<PeerRequest> Backlog { get; } = new();

    /// <summary>Gets how many requests are to be told.</summary>
    public int Queued { get; private set; }

    /// <summary>Gets what the peer was told of, and may send although it is wanted no more.</summary>
    public WithdrawnWants Withdrawn { get; } = new(context.Options.MaxWithdrawnWants);

    /// <summary>
    /// Gets what is to be withdrawn: the CIDs as the peer was told them. True of those that the peer did not heed: it is told so also where the block is wanted again by then.
    /// </summary>
    public Dictionary<Cid, bool> Cancels { get; } = [];

    /// <summary>Gets what was told, sent and not answered, oldest first.</summary>
    public RequestList Live { get; } = new();

    /// <summary>Gets what was answered with HAVE and not withdrawn: the peer may yet answer otherwise.</summary>
    public RequestList Promises { get; } = new();

    /// <summary>Gets what was answered with DONT_HAVE, and is to be asked again.</summary>
    public DeniedRequests Denied { get; } = new(context.Options.DeniedRetryDelay, context.Options.ResendInterval);

    /// <summary>Gets how many requests are in the peer's list as far as is known, and may be answered in time.</summary>
    public int Awaited { get; private set; }

    /// <summary>
    /// Gets how many requests the peer has said nothing to for too long. It may have dropped them or never answer, so they keep no other from being told.
    /// </summary>
    public int Unheard { get; private set; }

    /// <summary>Gets how many requests in the peer's list it answered with HAVE or DONT_HAVE.</summary>
    public int Answered { get; private set; }

    /// <summary>Gets how many requests may be in the peer's list.</summary>
    public int OnWire => Awaited + Unheard + Answered;

    /// <summary>Gets how many blocks were asked for or are about to be, and not given up.</summary>
    public int BlocksRequested { get; private set; }

    public List<WantlistMessage> InFlight { get; } = new(2);

    /// <summary>Gets whether a first message, which is a full wantlist, was handed out.</summary>
    public bool WasGreeted { get; private set; }

    /// <summary>Gets whether a message was lost, so that what the peer has in its list is unknown: a full wantlist is due, also when it is empty.</summary>
    public bool OwesFullList { get; private set; }

    /// <summary>Gets when the peer may be written to again after a failed send.</summary>
    public TimeSpan RetryAt { get; private set; }

    public TimeSpan LastProgress { get; private set; } = TimeSpan.MinValue;

    /// <summary>Gets whether the peer has said nothing for too long, to anything. What else it is asked meanwhile is not waited for as long.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Gets what the peer did wrong last; of use to the requests that were sent before <see cref="FaultAt"/>.</summary>
    public PeerAnswerKind? Fault { get; private set; }

    public TimeSpan FaultAt { get; private set; } = TimeSpan.MinValue;

    /// <summary>Gets when what a broken stream was to bring is asked for again; null when nothing is.</summary>
    public TimeSpan? AskAgainAt { get; private set; }

    /// <summary>Gets how many answers the peer gave.</summary>
    public long AnswerCount { get; private set; }

    /// <summary>Gets how long one more block would take, after what is asked already. Of use once the peer is measured.</summary>
    public TimeSpan TimeForNext => Performance.MinLatency + (BlocksRequested * Performance.BlockInterval);

    /// <summary>Gets how long all that is asked of the peer will take at the pace at which its blocks come; zero before the first.</summary>
    public TimeSpan TimeForAll => BlocksRequested * Performance.BlockInterval;

    /// <summary>Gets how long a block must have to be waited for at another peer for it to be better asked of this one, although it may be on its way already.</summary>
    public TimeSpan TimeWorthMoving
    {
        get
        {
            TimeSpan soon = TimeForNext;
            return soon * Gain > soon + _minGain ? soon * Gain : soon + _minGain;
        }
    }

    /// <summary>
    /// Gets the silence that counts as DONT_HAVE. A peer that says it has blocks for us may be held up by its line, and gets the longest time; less as long as it has sent none.
    /// </summary>
    public TimeSpan Timeout
    {
        get
        {
            EngineOptions options = context.Options;
            TimeSpan usual = IsSilent ? options.MinDontHaveTimeout : Performance.Timeout;
            if (_theirPendingBytes == 0 || !Performance.KeepsWord)
            {
                return usual;
            }

            TimeSpan held = Performance.IsMeasured ? options.MaxDontHaveTimeout : FirstBlockTimeout;
            return held > usual ? held : usual;
        }
    }

    private TimeSpan FirstBlockTimeout => _firstBlock < context.Options.MaxDontHaveTimeout ? _firstBlock : context.Options.MaxDontHaveTimeout;

    /// <summary>Gets the bytes of unwanted blocks less those of wanted ones, not below zero.</summary>
    public long UnwantedBytes { get; private set; }

    /// <summary>Gets when it was last told that the peer sends what it was not asked for.</summary>
    public TimeSpan RefusalToldAt { get; private set; } = TimeSpan.MinValue / 2;

    /// <summary>Returns when silence counts for the answer to a request: after <see cref="Timeout"/> since it was sent, or since the peer last answered anything.</summary>
    public TimeSpan SilentFrom(PeerRequest request)
    {
        TimeSpan heard = WasPassedOver(request) || request.SentAt > LastProgress ? request.SentAt : LastProgress;
        TimeSpan timeout = Timeout;
        bool isPromised = request is { Told: WantType.Block, WasPromised: true } && Performance.KeepsWord;
        return heard + (isPromised && timeout < FirstBlockTimeout ? FirstBlockTimeout : timeout);
    }

    /// <summary>Returns whether the peer answered so much else meanwhile that it must have passed the request over.</summary>
    public bool WasPassedOver(PeerRequest request) => AnswerCount - request.AnswersBefore > 2L * context.Options.MaxOutstandingWants;

    /// <summary>
    /// Returns whether the peer was silent to a request for too long, and is not at work on others that it may have been asked for before: a repetition would tell it nothing new. One
    /// that is at work may come to it yet, and would put it last if it was withdrawn.
    /// </summary>
    public bool IsUnheeded(PeerRequest request) =>
        request.Answer == RequestAnswer.Simulated && (WasPassedOver(request) || LastProgress + context.Options.MaxDontHaveTimeout <= context.Now);

    /// <summary>Returns whether one more block may be asked of the peer now.</summary>
    public bool HasRoom(bool othersCould)
    {
        EngineOptions options = context.Options;
        return Awaited + Queued < options.MaxOutstandingWants
            && (BlocksRequested < PeerPerformance.FirstWindow || (BlocksRequested + 1L) * Math.Max(Performance.MeanBlockSize, 1) <= options.MaxRequestedBytes)
            && (!othersCould || BlocksRequested < Performance.Window);
    }

    /// <summary>Returns whether a WANT_HAVE that is not needed, but helps, may go to the peer now: such never take more than half of the room.</summary>
    public bool HasRoomForHint() => Awaited + Queued < context.Options.MaxOutstandingWants / 2;

    /// <summary>Returns whether the peer said that it has a block and is believed.</summary>
    public bool HasPromised(in Multihash hash) => ByHash.TryGetValue(hash, out PeerRequest? request) && request.IsPromising;

    /// <summary>Notes that the peer broke the rules, which may be why it does not answer.</summary>
    public void DidWrong(PeerAnswerKind fault)
    {
        Fault = fault;
        FaultAt = context.Now;
    }

    /// <summary>Notes that something came of the peer.</summary>
    public void WasHeard()
    {
        LastProgress = context.Now;
        IsSilent = false;
    }

    /// <summary>Notes that the peer answered something.</summary>
    public void GaveAnswer()
    {
        WasHeard();
        AnswerCount++;
    }

    /// <summary>Notes how many bytes the peer says that it holds ready for us.</summary>
    public void SaidPending(int bytes) => _theirPendingBytes = bytes;

    /// <summary>Notes a block that the peer was asked for.</summary>
    public void BlockCame(TimeSpan latency, int size)
    {
        Performance.BlockCame(latency, size, context.Now, context.Options.MaxOutstandingWants);
        _brokenStreams = 0;
    }

    /// <summary>Notes that the peer did not send a block in time; <paramref name="wholly"/>: nor anything else.</summary>
    public void FellSilent(bool wholly)
    {
        Performance.GaveUp(1);
        IsSilent |= wholly;
    }

    /// <summary>
    /// Notes that a stream broke off. What it was to bring is asked for again at once, and after growing pauses when the peer breaks off again without having sent a block. Returns
    /// whether it is at once.
    /// </summary>
    public bool StreamBroke()
    {
        TimeSpan pause = _brokenStreams == 0 ? TimeSpan.Zero : _firstPause * (1 << Math.Min(_brokenStreams - 1, MaxDoublings));
        _brokenStreams++;
        AskAgainAt ??= context.Now + pause;
        return pause == TimeSpan.Zero;
    }

    /// <summary>Ends the pause after a broken stream.</summary>
    public void AskingAgain() => AskAgainAt = null;

    /// <summary>Counts an unwanted block, and returns the bytes of such that are held against the peer.</summary>
    public long CountUnwanted(int size) => UnwantedBytes += size;

    /// <summary>Counts a wanted block, which makes good for unwanted ones.</summary>
    public void CountWanted(int size) => UnwantedBytes = Math.Max(0, UnwantedBytes - size);

    /// <summary>Returns whether it is to be told again that the peer sends what it was not asked for: of a flood a line now and then tells enough.</summary>
    public bool TryTellRefusal(TimeSpan pause)
    {
        if (RefusalToldAt + pause > context.Now)
        {
            return false;
        }

        RefusalToldAt = context.Now;
        return true;
    }

    /// <summary>Counts a request in the peer's list by its answer, or no longer. Called by <see cref="PeerRequest"/>.</summary>
    public void Count(bool onWire, RequestAnswer answer, int change)
    {
        if (!onWire)
        {
            return;
        }

        switch (answer)
        {
            case RequestAnswer.None:
                Awaited += change;
                break;
            case RequestAnswer.Simulated:
                Unheard += change;
                break;
            default:
                Answered += change;
                break;
        }
    }

    /// <summary>Counts a request that is to be told, or no longer. Called by <see cref="PeerRequest"/>.</summary>
    public void QueuedChanged(int change) => Queued += change;

    /// <summary>Counts a request for a block. Called by <see cref="PeerRequest"/>.</summary>
    public void BlockRequested()
    {
        if (BlocksRequested++ == 0)
        {
            Performance.BecameBusy(context.Now);
        }
    }

    /// <summary>Counts a request for a block no longer. Called by <see cref="PeerRequest"/>.</summary>
    public void BlockReleased() => BlocksRequested--;

    /// <summary>Marks the peer as one to send to; false when it is marked already.</summary>
    public bool TryMark() => !_isMarked && (_isMarked = true);

    public void Unmark() => _isMarked = false;

    /// <summary>Notes that a message is made, and returns whether it is a full wantlist.</summary>
    public bool TakeFullness()
    {
        bool full = !WasGreeted;
        WasGreeted = true;
        OwesFullList = false;
        return full;
    }

    public void SendSucceeded() => _failures = 0;

    /// <summary>Notes a failed send, and returns how many failed in a row.</summary>
    public int SendFailed() => ++_failures;

    /// <summary>Begins the peer's list anew: what it knows is unknown, so it is told everything again, in a full wantlist, once the pause is over.</summary>
    public void StartOver()
    {
        WasGreeted = false;
        OwesFullList = true;
        Cancels.Clear();
        Denied.SetAllAside();
        RetryAt = context.Now + context.Options.SendRetryDelay;
    }
}
