using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Represents a peer whose connection was lost and who can be dialled again. As a timer: the next try.</summary>
internal sealed class LostPeer(PeerId id, LinkedListNode<PeerId> place, TimeSpan now) : EngineTimer
{
    public PeerId Id => id;

    /// <summary>Gets the place in the order in which lost peers are forgotten.</summary>
    public LinkedListNode<PeerId> Place => place;

    /// <summary>Gets when its connection was lost last.</summary>
    public TimeSpan LostAt { get; private set; }

    /// <summary>Gets since when it is missed: since it was lost, or since something was wanted again; the pauses between tries grow with it.</summary>
    public TimeSpan MissedSince { get; private set; } = now;

    /// <summary>Gets whether it is connected; remembered, so that one that leaves again without having given anything is dialled ever less often.</summary>
    public bool IsBack { get; private set; }

    public TimeSpan BackSince { get; private set; }

    /// <summary>Gets the dial that is under way; zero when there is none.</summary>
    public long RequestId { get; private set; }

    /// <summary>Gets how many dials failed since it is missed.</summary>
    public int Failures { get; private set; }

    public TimeSpan FailedAt { get; private set; } = TimeSpan.MinValue;

    /// <summary>Gets what the last failed dial met.</summary>
    public PeerAnswerKind Kind { get; private set; }

    /// <summary>Gets how the last failed dial was told.</summary>
    public string? Detail { get; private set; }

    /// <summary>Gets whether dialling it again would meet the same.</summary>
    public bool IsFinal { get; private set; }

    public bool IsWaitedFor => !IsBack && !IsFinal && (RequestId != 0 || Slot != NotScheduled);

    /// <summary>Notes that its connection is lost; where it was of use, or there for long, it is missed from now on.</summary>
    public void Lost(bool wasOfUse, TimeSpan now)
    {
        if (wasOfUse)
        {
            MissedSince = now;
        }

        (IsBack, LostAt, Failures, IsFinal, FailedAt) = (false, now, 0, false, TimeSpan.MinValue);
    }

    public void CameBack(TimeSpan now) => (IsBack, BackSince) = (true, now);

    /// <summary>Begins to miss it anew: something is wanted again.</summary>
    public void Miss(TimeSpan now) => (MissedSince, Failures, IsFinal) = (now, 0, false);

    public void Dialling(long requestId) => RequestId = requestId;

    /// <summary>Notes that the dial is over; false when none was under way.</summary>
    public bool DialEnded()
    {
        bool wasDialling = RequestId != 0;
        RequestId = 0;
        return wasDialling;
    }

    public void DialFailed(PeerAnswerKind kind, string detail, bool isFinal, TimeSpan now)
    {
        (Kind, Detail, FailedAt, IsFinal) = (kind, detail, now, isFinal);
        Failures++;
    }
}

/// <summary>
/// Dials lost peers again while something is wanted that they may have. One that is lost while it is wanted is dialled at once, one that was lost
/// before when no connected peer has the block. The pause after a failure is a quarter of the time that the peer is missed, within bounds, so that one that is
/// away for a short time is back soon after it can be, and one that is gone costs little.
/// </summary>
internal sealed class Redials(EngineContext context, Sessions sessions, Timeouts timeouts)
{
    private const int PauseShare = 4;

    // A peer that could not be reached so recently is not dialled for each further want.
    private static readonly TimeSpan _recently = TimeSpan.FromSeconds(2);

    private readonly Dictionary<PeerId, LostPeer> _peers = [];
    private readonly LinkedList<PeerId> _order = new();
    private int _dialling;

    /// <summary>Gets how many peers are remembered.</summary>
    public int Count => _peers.Count;

    /// <summary>Notes that a peer is lost.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="wasOfUse">Whether it was the first to send a block.</param>
    /// <param name="loss">How it was lost.</param>
    public void PeerLost(PeerId peer, bool wasOfUse, PeerLoss loss)
    {
        if (!loss.CanReturn || context.Options.MaxLostPeers == 0)
        {
            Forget(peer);
            return;
        }

        if (!_peers.TryGetValue(peer, out LostPeer? lost))
        {
            MakeRoom();
            lost = new LostPeer(peer, _order.AddLast(peer), context.Now);
            _peers.Add(peer, lost);
        }

        // One that only comes and goes is dialled ever less often.
        lost.Lost(wasOfUse || lost.BackSince + context.Options.MaxRedialDelay <= context.Now, context.Now);
        if (IsWanted(lost))
        {
            Schedule(lost);
        }
    }

    public void PeerCame(PeerId peer)
    {
        if (_peers.TryGetValue(peer, out LostPeer? lost))
        {
            EndDial(lost);
            lost.CameBack(context.Now);
        }
    }

    /// <summary>Notes that a dial failed. Returns whether that makes the peer one that is no longer counted on. A dial that is over by then is ignored.</summary>
    public bool Failed(long requestId, PeerId peer, PeerAnswerKind kind, string detail, bool isFinal)
    {
        if (!_peers.TryGetValue(peer, out LostPeer? lost) || lost.RequestId != requestId)
        {
            return false;
        }

        EndDial(lost);
        lost.DialFailed(kind, detail, isFinal, context.Now);
        if (!isFinal && IsWanted(lost))
        {
            Schedule(lost);
        }

        return lost.Failures == 1 || isFinal;
    }

    /// <summary>
    /// Returns whether a lost peer is waited for that has not said no: one that was lost since the caller's session began as long as the caller waits, another until it
    /// was tried.
    /// </summary>
    public bool MayReturnFor(WantSubscription subscription)
    {
        Seek(subscription.Session);
        foreach (LostPeer lost in _peers.Values)
        {
            if (lost.IsWaitedFor
                && subscription.Session.Allows(lost.Id)
                && (lost.Failures == 0 || subscription.Began <= lost.LostAt)
                && !subscription.Want.WasDeniedBy(lost.Id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Dials peers that were lost before: no connected peer has what a session wants.</summary>
    public void Seek(Session session)
    {
        foreach (LostPeer lost in _peers.Values)
        {
            if (lost.IsBack || lost.IsWaitedFor || !session.Allows(lost.Id))
            {
                continue;
            }

            if (lost.FailedAt == TimeSpan.MinValue || lost.FailedAt + _recently <= context.Now)
            {
                lost.Miss(context.Now);
                Due(lost);
            }
            else if (!lost.IsFinal && session.Id != 0 && session.Began <= lost.LostAt)
            {
                // The session had it, and had nothing open for a moment.
                Schedule(lost);
            }
        }
    }

    /// <summary>Dials a lost peer whose time has come.</summary>
    public void Due(LostPeer lost)
    {
        if (lost.IsBack || lost.IsFinal || lost.RequestId != 0 || !IsWanted(lost))
        {
            return;
        }

        if (_dialling >= context.Options.MaxRedials)
        {
            Schedule(lost);
            return;
        }

        _dialling++;
        lost.Dialling(context.NextId());
        context.Counters.Redials++;
        context.Actions.Enqueue(new ConnectPeer(lost.RequestId, lost.Id));
    }

    /// <summary>Returns the lost peers that a session would ask, for its report.</summary>
    public IEnumerable<LostPeer> MissedBy(Session session)
    {
        foreach (LostPeer lost in _peers.Values)
        {
            if (!lost.IsBack && (lost.Failures > 0 || lost.IsWaitedFor) && session.Allows(lost.Id))
            {
                yield return lost;
            }
        }
    }

    private bool IsWanted(LostPeer lost)
    {
        foreach (Session session in sessions.All)
        {
            if (session.OpenSubscriptions > 0 && session.Allows(lost.Id))
            {
                return true;
            }
        }

        return false;
    }

    private void Schedule(LostPeer lost)
    {
        EngineOptions options = context.Options;
        TimeSpan pause = (context.Now - lost.MissedSince) / PauseShare;
        pause = pause < options.RedialDelay ? options.RedialDelay : pause > options.MaxRedialDelay ? options.MaxRedialDelay : pause;
        timeouts.ArmRedial(lost, pause);
    }

    private void EndDial(LostPeer lost)
    {
        timeouts.Disarm(lost);
        if (lost.DialEnded())
        {
            _dialling--;
        }
    }

    private void Forget(PeerId peer)
    {
        if (_peers.Remove(peer, out LostPeer? lost))
        {
            EndDial(lost);
            _order.Remove(lost.Place);
        }
    }

    /// <summary>Makes room: the one that is remembered longest gives way.</summary>
    private void MakeRoom()
    {
        while (_peers.Count >= context.Options.MaxLostPeers)
        {
            Forget(_order.First!.Value);
        }
    }
}
