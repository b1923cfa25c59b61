using System.Globalization;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>One want at one peer: what it is to be told, what it was told, what it said.</summary>
internal sealed class PeerWant(ClientWant want, PeerLink link) : IQueued, IChained<PeerWant>
{
    private const int MaxBrokenPromises = 3;

    public ClientWant Want => want;

    public PeerLink Link => link;

    // Neighbours among the asks of the want.
    public PeerWant? PreviousOfWant { get; set; }

    public PeerWant? NextOfWant { get; set; }

    // Neighbours in the list of the link that the ask is in.
    public AskList? List { get; set; }

    public PeerWant? Previous { get; set; }

    public PeerWant? Next { get; set; }

    public long QueuedAs { get; set; } = -1;

    public bool IsQueued => QueuedAs >= 0;

    public WantType QueuedType { get; set; }

    /// <summary>What is queued only repeats what was told.</summary>
    public bool IsRepetition { get; set; }

    /// <summary>The peer was told and not told otherwise since: it may keep the want in its list.</summary>
    public bool OnWire
    {
        get;
        set
        {
            link.Count(field, Answer, -1);
            field = value;
            link.Count(value, Answer, 1);
        }
    }

    public WantType Told { get; set; }

    /// <summary>How often the peer was told, and has not sent the block for it.</summary>
    public int TimesTold { get; set; }

    /// <summary>May still be answered in time.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Counted in <see cref="PeerLink.BlocksAsked"/>.</summary>
    public bool CountsAsBlock { get; set; }

    public AskAnswer Answer
    {
        get;
        set
        {
            link.Count(OnWire, field, -1);
            field = value;
            link.Count(OnWire, value, 1);
        }
    }

    /// <summary>The peer said HAVE before it was asked for the block.</summary>
    public bool Promised { get; set; }

    /// <summary>Asked for the block it said HAVE: it is to send it, and has not.</summary>
    public TimeSpan? ConfirmedAt { get; set; }

    public int BrokenPromises { get; set; }

    /// <summary>HAVE, and not yet shown to be untrue too often.</summary>
    public bool IsPromising => Answer == AskAnswer.Have && BrokenPromises < MaxBrokenPromises;

    public TimeSpan FirstAsked { get; set; } = TimeSpan.MinValue;

    public TimeSpan SentAt { get; set; }

    public TimeSpan AnsweredAt { get; set; }

    /// <summary>When a peer that said DONT_HAVE is asked again.</summary>
    public TimeSpan AskAgainAt { get; set; }

    /// <summary>How often it was, since it was asked first.</summary>
    public byte TimesAskedAgain { get; set; }

    /// <summary>The message that told it last; zero when it is yet to be told.</summary>
    public long MessageId { get; set; }

    /// <summary><see cref="PeerLink.AnswerCount"/> when it was sent.</summary>
    public long AnswersBefore { get; set; }

    public bool SaidNo => Answer is AskAnswer.DontHave or AskAnswer.Simulated;

    /// <summary>What the peer has said until now, or until it was lost.</summary>
    public PeerAnswer Describe(TimeSpan now, PeerLoss? loss = null) => Answer switch
    {
        AskAnswer.DontHave => Line(PeerAnswerKind.DontHave, AnsweredAt - FirstAsked),
        _ when loss is not null => Line(loss.ByUs ? PeerAnswerKind.WeHungUp : PeerAnswerKind.HungUp, now - FirstAsked, loss.Reason),
        AskAnswer.Have => Line(PeerAnswerKind.Have, AnsweredAt - FirstAsked),
        _ when ConfirmedAt is { } confirmed => Line(PeerAnswerKind.Have, confirmed - FirstAsked),
        _ when link.Fault is { } fault && link.FaultAt >= FirstAsked => Line(fault, link.FaultAt - FirstAsked, SilentSince(now)),
        AskAnswer.Simulated => Line(PeerAnswerKind.Silent, now - FirstAsked),
        _ => Line(PeerAnswerKind.Waiting, null),
    };

    /// <summary>In words, when it has said nothing since it did wrong.</summary>
    private string? SilentSince(TimeSpan now) => Answer == AskAnswer.Simulated && link.LastProgress <= link.FaultAt
        ? string.Create(CultureInfo.InvariantCulture, $"and was silent since, for {(now - link.FaultAt).TotalSeconds:0.0} s")
        : null;

    private PeerAnswer Line(PeerAnswerKind kind, TimeSpan? latency, string? detail = null) => new(link.Peer.Id, FirstAsked, kind, latency, detail);
}
