using System.Globalization;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>Specifies what a peer has said to a request.</summary>
internal enum RequestAnswer : byte
{
    None,
    Have,
    DontHave,

    /// <summary>Silence that is taken for DONT_HAVE.</summary>
    Simulated,
}

/// <summary>
/// Represents one want at one peer: what the peer is to be told, what it was told, and what it said. Its state changes by the methods below alone; they keep the counts of the want and
/// of the peer in step.
/// </summary>
internal sealed class PeerRequest(ClientWant want, PeerRequests peer) : IQueueItem, ILinked<PeerRequest>
{
    private const int MaxBrokenPromises = 3;

    private string? _refusal;
    private PeerAnswerKind _refusedAs;

    public ClientWant Want => want;

    public PeerRequests Peer => peer;

    /// <summary>Gets the next request of the same want; kept by <see cref="ClientWant"/>.</summary>
    public PeerRequest? NextOfWant { get; internal set; }

    /// <summary>Gets the previous request of the same want; kept by <see cref="ClientWant"/>.</summary>
    public PeerRequest? PreviousOfWant { get; internal set; }

    /// <summary>Gets the list of the peer that the request is in; kept by <see cref="RequestList"/>.</summary>
    public RequestList? List { get; internal set; }

    public PeerRequest? Previous { get; private set; }

    public PeerRequest? Next { get; private set; }

    PeerRequest? ILinked<PeerRequest>.Previous
    {
        get => Previous;
        set => Previous = value;
    }

    PeerRequest? ILinked<PeerRequest>.Next
    {
        get => Next;
        set => Next = value;
    }

    public long QueuedAs { get; private set; } = -1;

    /// <summary>Gets whether the peer is to be told something of the want.</summary>
    public bool IsQueued => QueuedAs >= 0;

    public WantType QueuedType { get; private set; }

    /// <summary>Gets whether what is queued only repeats what was told.</summary>
    public bool IsRepetition { get; private set; }

    /// <summary>Gets whether the peer was told and not told otherwise since, so that it may keep the want in its list.</summary>
    public bool OnWire
    {
        get;
        private set
        {
            peer.Count(field, Answer, -1);
            field = value;
            peer.Count(value, Answer, 1);
        }
    }

    public WantType Told { get; private set; }

    /// <summary>Gets how often the peer was told and has not sent the block for it.</summary>
    public int TimesTold { get; private set; }

    /// <summary>Gets whether the request may still be answered in time.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Gets whether the request counts in <see cref="PeerRequests.BlocksRequested"/>.</summary>
    public bool CountsAsBlock { get; private set; }

    public RequestAnswer Answer
    {
        get;
        private set
        {
            peer.Count(OnWire, field, -1);
            field = value;
            peer.Count(OnWire, value, 1);
        }
    }

    /// <summary>Gets whether the peer said HAVE before it was asked for the block.</summary>
    public bool WasPromised { get; private set; }

    /// <summary>Gets when the peer, asked for the block, said HAVE; null while it has not.</summary>
    public TimeSpan? ConfirmedAt { get; private set; }

    public int BrokenPromises { get; private set; }

    /// <summary>Gets whether the peer said HAVE and has not broken its word too often.</summary>
    public bool IsPromising => Answer == RequestAnswer.Have && BrokenPromises < MaxBrokenPromises;

    /// <summary>Gets whether the peer was ever told of the want.</summary>
    public bool WasTold => FirstAsked != TimeSpan.MinValue;

    public TimeSpan FirstAsked { get; private set; } = TimeSpan.MinValue;

    public TimeSpan SentAt { get; private set; }

    public TimeSpan AnsweredAt { get; private set; }

    /// <summary>Gets when a peer that said DONT_HAVE is asked again.</summary>
    public TimeSpan AskAgainAt { get; private set; }

    /// <summary>Gets how often a peer that said DONT_HAVE was asked again.</summary>
    public byte TimesAskedAgain { get; private set; }

    /// <summary>Gets the message that told the peer last; zero while it is yet to be told.</summary>
    public long MessageId { get; private set; }

    /// <summary>Gets <see cref="PeerRequests.AnswerCount"/> as it was when the request was sent.</summary>
    public long AnswersBefore { get; private set; }

    /// <summary>Gets whether the peer has answered nothing, or nothing in time.</summary>
    public bool IsUnanswered => Answer is RequestAnswer.None or RequestAnswer.Simulated;

    /// <summary>Opens the request: an answer is expected, and what is told next is the stronger of this and what waits to be told.</summary>
    public void Open(WantType type)
    {
        if (type == WantType.Block && !CountsAsBlock)
        {
            CountsAsBlock = true;
            peer.BlockRequested();
        }

        if (!IsOpen)
        {
            IsOpen = true;
            want.RequestOpened();
        }

        QueuedType = IsQueued && !IsRepetition && QueuedType == WantType.Block ? WantType.Block : type;
        IsRepetition = false;
    }

    /// <summary>Closes the request: no answer is expected for now.</summary>
    public void Close()
    {
        if (IsOpen)
        {
            IsOpen = false;
            want.RequestClosed(this);
        }

        if (CountsAsBlock)
        {
            CountsAsBlock = false;
            peer.BlockReleased();
        }
    }

    /// <summary>Marks the request as queued to be told, as a repetition of what was told where <paramref name="repeated"/> says so.</summary>
    public void Queue(WantType? repeated = null)
    {
        if (repeated is { } type)
        {
            QueuedType = type;
            IsRepetition = true;
        }

        if (!IsQueued)
        {
            peer.QueuedChanged(1);
        }

        QueuedAs = want.Sequence;
    }

    /// <summary>Takes the request out of what is to be told.</summary>
    public void Unqueue()
    {
        if (IsQueued)
        {
            QueuedAs = -1;
            peer.QueuedChanged(-1);
            peer.Backlog.NoteStale();
        }
    }

    /// <summary>Marks the request as told before: the CANCEL of a former one has not gone out yet, so the peer has the want in its list.</summary>
    public void KeepOnWire(TimeSpan now)
    {
        OnWire = true;
        FirstAsked = SentAt = now;
    }

    /// <summary>
    /// Marks the request as told by a message. Returns whether it was a standing one: a repetition of what the peer answered already, which need not be answered again.
    /// </summary>
    public bool Tell(long messageId, TimeSpan now)
    {
        QueuedAs = -1;
        peer.QueuedChanged(-1);
        OnWire = true;
        bool standing = IsRepetition && !IsUnanswered;
        if (standing && Answer == RequestAnswer.Have)
        {
            peer.Promises.Append(this);
        }
        else if (standing)
        {
            peer.Denied.Add(this, now);
        }
        else if (!IsRepetition)
        {
            List?.Remove(this);
            WasPromised = Answer == RequestAnswer.Have;
            ConfirmedAt = WasPromised ? AnsweredAt : null;
            Answer = RequestAnswer.None;
        }

        if (!WasTold)
        {
            FirstAsked = now;
        }

        IsRepetition = false;
        TimesTold++;
        Told = QueuedType;
        SentAt = now;
        MessageId = messageId;
        return standing;
    }

    /// <summary>Marks the request as sent: from now on the peer can answer it.</summary>
    public void Sent(TimeSpan now)
    {
        SentAt = now;
        AnswersBefore = peer.AnswerCount;
        peer.Live.Append(this);
    }

    /// <summary>Counts the time of a request that is repeated anew.</summary>
    public void SentAgain(TimeSpan now)
    {
        SentAt = now;
        peer.Live.Append(this);
    }

    /// <summary>Takes the request off the wire: the peer's list no longer has it, or is about to be told so.</summary>
    public void TakeOffWire()
    {
        List?.Remove(this);
        OnWire = false;
    }

    /// <summary>Marks the request as never told: the message that told it is lost or void.</summary>
    public void Untell()
    {
        TakeOffWire();
        MessageId = 0;
    }

    /// <summary>Takes a request that the peer answered off the wire, to make room for another; a denied one keeps the time at which it is asked again.</summary>
    public void SetAside()
    {
        if (Answer == RequestAnswer.DontHave)
        {
            peer.Denied.SetAside(this);
            OnWire = false;
        }
        else
        {
            TakeOffWire();
        }

        if (IsRepetition)
        {
            Unqueue();
            IsRepetition = false;
        }
    }

    /// <summary>Marks a denied request, which is set aside already, as never told.</summary>
    public void UntellDenied()
    {
        OnWire = false;
        MessageId = 0;
        Unqueue();
    }

    /// <summary>Notes that the peer sent the block, which it was told to once less often.</summary>
    public void BlockCame() => TimesTold--;

    /// <summary>Notes when the peer answered.</summary>
    public void Answered(TimeSpan now) => AnsweredAt = now;

    /// <summary>Notes that the peer, asked for the block, has it.</summary>
    public void Confirm(TimeSpan now) => ConfirmedAt ??= now;

    /// <summary>Takes HAVE for the answer.</summary>
    public void SaidHave(TimeSpan now)
    {
        Answer = RequestAnswer.Have;
        SentAt = now;
        List?.Remove(this);
        if (OnWire)
        {
            peer.Promises.Append(this);
        }
    }

    /// <summary>Takes DONT_HAVE for the answer. The request is closed by then.</summary>
    /// <param name="now">The time.</param>
    /// <param name="refusal">What the peer answered in its place; null where it said so.</param>
    public void SaidDontHave(TimeSpan now, string? refusal = null)
    {
        if (WasPromised || Answer == RequestAnswer.Have)
        {
            BrokenPromises++;
            WasPromised = false;
        }

        Answer = RequestAnswer.DontHave;
        SentAt = now;
        _refusal = refusal;

        // What it did wrong just now is why.
        _refusedAs = peer is { Fault: PeerAnswerKind.WrongBlock or PeerAnswerKind.TooBig } && peer.FaultAt == now ? peer.Fault.Value : PeerAnswerKind.Refused;
        peer.Denied.Add(this, now);
    }

    /// <summary>Takes silence for the answer.</summary>
    public void FellSilent(TimeSpan now)
    {
        Answer = RequestAnswer.Simulated;
        AnsweredAt = now;
        if (WasPromised)
        {
            BrokenPromises++;
        }
    }

    /// <summary>Sets when a denied request is asked again.</summary>
    public void AskAgain(TimeSpan at) => AskAgainAt = at;

    /// <summary>Counts that a denied request is asked again.</summary>
    public void AskedAgain() => TimesAskedAgain = (byte)Math.Min(TimesAskedAgain + 1, byte.MaxValue);

    /// <summary>Returns what the peer has said until now, or until it was lost.</summary>
    public PeerAnswer Describe(TimeSpan now, PeerLoss? loss = null) => Answer switch
    {
        RequestAnswer.DontHave => Line(_refusal is null ? PeerAnswerKind.DontHave : _refusedAs, AnsweredAt - FirstAsked, _refusal),
        _ when loss is not null => Line(loss.ByUs ? PeerAnswerKind.WeHungUp : PeerAnswerKind.HungUp, now - FirstAsked, loss.Reason),
        RequestAnswer.Have => Line(PeerAnswerKind.Have, AnsweredAt - FirstAsked),
        _ when ConfirmedAt is { } confirmed => Line(PeerAnswerKind.Have, confirmed - FirstAsked),
        _ when peer.Fault is { } fault && peer.FaultAt >= FirstAsked => Line(fault, peer.FaultAt - FirstAsked, SilentSince(now)),
        RequestAnswer.Simulated => Line(PeerAnswerKind.Silent, now - FirstAsked),
        _ => Line(PeerAnswerKind.Waiting, null),
    };

    private string? SilentSince(TimeSpan now) => Answer == RequestAnswer.Simulated && peer.LastProgress <= peer.FaultAt
        ? string.Create(CultureInfo.InvariantCulture, $"and was silent since, for {(now - peer.FaultAt).TotalSeconds:0.0} s")
        : null;

    private PeerAnswer Line(PeerAnswerKind kind, TimeSpan? latency, string? detail = null) => new(peer.Id, FirstAsked, kind, latency, detail);
}
