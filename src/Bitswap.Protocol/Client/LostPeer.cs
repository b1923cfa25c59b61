using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>A peer whose connection was lost and who can be dialled again. As a timer: the next try.</summary>
internal sealed class LostPeer(PeerId id, Redials redials) : EngineTimer
{
    public PeerId Id => id;

    /// <summary>When its connection was lost last.</summary>
    public TimeSpan LostAt { get; set; }

    /// <summary>Since when it is missed: since it was lost, or since something was wanted again; the pauses between tries grow with it.</summary>
    public TimeSpan MissedSince { get; set; }

    /// <summary>It is connected; remembered, so that one that leaves again without having given anything is dialled ever less often.</summary>
    public bool IsBack { get; set; }

    public TimeSpan BackSince { get; set; }

    public LinkedListNode<LostPeer>? Place { get; set; }

    /// <summary>The dial that is under way; zero when there is none.</summary>
    public long RequestId { get; set; }

    /// <summary>Dials that failed since it is missed.</summary>
    public int Failures { get; set; }

    public TimeSpan FailedAt { get; set; } = TimeSpan.MinValue;

    /// <summary>What the last failed dial met, and how it was told.</summary>
    public PeerAnswerKind Kind { get; set; }

    public string? Detail { get; set; }

    /// <summary>Dialling it again would meet the same.</summary>
    public bool IsFinal { get; set; }

    public bool IsWaitedFor => !IsBack && !IsFinal && (RequestId != 0 || Slot != NotScheduled);

    internal override void Fire(TimeSpan now) => redials.Due(this);
}
