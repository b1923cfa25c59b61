using Bitswap.Protocol.Actions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Dials lost peers again while something is wanted that they may have. One that is lost while it is wanted is dialled at once, one that was lost
/// before when no connected peer has the block. The pause after a failure is a quarter of the time that the peer is missed, within bounds, so that one that is
/// away for a short time is back soon after it can be, and one that is gone costs little.
/// </summary>
internal sealed class Redials(ClientSide client)
{
    private const int PauseShare = 4;

    // A peer that could not be reached so recently is not dialled for each further want.
    private static readonly TimeSpan _recently = TimeSpan.FromSeconds(2);

    private readonly Dictionary<PeerId, LostPeer> _peers = [];
    private readonly LinkedList<LostPeer> _order = new();
    private int _dialling;

    private EngineContext Context => client.Context;

    /// <summary>Peers that are remembered.</summary>
    public int Count => _peers.Count;

    public void PeerLost(Peer peer, PeerLoss loss)
    {
        if (!loss.CanReturn || Context.Options.MaxLostPeers == 0)
        {
            Forget(peer.Id);
            return;
        }

        if (!_peers.TryGetValue(peer.Id, out LostPeer? lost))
        {
            MakeRoom();
            lost = new LostPeer(peer.Id, this) { MissedSince = Context.Now };
            _peers.Add(peer.Id, lost);
            lost.Place = _order.AddLast(lost);
        }
        else if (peer.Link.FirstResponses > 0 || lost.BackSince + Context.Options.MaxRedialDelay <= Context.Now)
        {
            // It was of use, or there for long. One that only comes and goes is dialled ever less often.
            lost.MissedSince = Context.Now;
        }

        (lost.IsBack, lost.LostAt, lost.Failures, lost.IsFinal, lost.FailedAt) = (false, Context.Now, 0, false, TimeSpan.MinValue);
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
            (lost.IsBack, lost.BackSince) = (true, Context.Now);
        }
    }

    /// <summary>A dial failed. One that is over by then is ignored.</summary>
    public void Failed(long requestId, PeerId peer, PeerAnswerKind kind, string detail, bool isFinal)
    {
        if (!_peers.TryGetValue(peer, out LostPeer? lost) || lost.RequestId != requestId)
        {
            return;
        }

        EndDial(lost);
        (lost.Kind, lost.Detail, lost.FailedAt, lost.IsFinal) = (kind, detail, Context.Now, isFinal);
        lost.Failures++;
        if (!isFinal && IsWanted(lost))
        {
            Schedule(lost);
        }

        if (lost.Failures == 1 || isFinal)
        {
            client.Exhaustion.LessHope();
        }
    }

    /// <summary>
    /// Whether a lost peer is waited for that has not said no: one that was lost since the caller's session began as long as the caller waits, another until it
    /// was tried.
    /// </summary>
    public bool MayReturnFor(Interest interest)
    {
        Seek(interest.Session);
        foreach (LostPeer lost in _peers.Values)
        {
            if (lost.IsWaitedFor
                && interest.Session.Allows(lost.Id)
                && (lost.Failures == 0 || interest.Began <= lost.LostAt)
                && !interest.Want.WasDeniedBy(lost.Id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Nobody who is connected has what a session wants: peers that were lost before are dialled.</summary>
    public void Seek(Session session)
    {
        foreach (LostPeer lost in _peers.Values)
        {
            if (lost.IsBack || lost.IsWaitedFor || !session.Allows(lost.Id))
            {
                continue;
            }

            if (lost.FailedAt == TimeSpan.MinValue || lost.FailedAt + _recently <= Context.Now)
            {
                (lost.MissedSince, lost.Failures, lost.IsFinal) = (Context.Now, 0, false);
                Due(lost);
            }
            else if (!lost.IsFinal && session.Id != 0 && session.Began <= lost.LostAt)
            {
                // The session had it, and had nothing open for a moment.
                Schedule(lost);
            }
        }
    }

    /// <summary>It is time to dial.</summary>
    public void Due(LostPeer lost)
    {
        if (lost.IsBack || lost.IsFinal || lost.RequestId != 0 || !IsWanted(lost))
        {
            return;
        }

        if (_dialling >= Context.Options.MaxRedials)
        {
            Schedule(lost);
            return;
        }

        _dialling++;
        lost.RequestId = Context.NextId();
        Context.Counters.Redials++;
        Context.Actions.Enqueue(new ConnectPeer(lost.RequestId, lost.Id));
    }

    /// <summary>The lost peers that a session would ask, for its report.</summary>
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
        foreach (Session session in client.Sessions.All)
        {
            if (session.OpenInterests > 0 && session.Allows(lost.Id))
            {
                return true;
            }
        }

        return false;
    }

    private void Schedule(LostPeer lost)
    {
        EngineOptions options = Context.Options;
        TimeSpan pause = (Context.Now - lost.MissedSince) / PauseShare;
        pause = pause < options.RedialDelay ? options.RedialDelay : pause > options.MaxRedialDelay ? options.MaxRedialDelay : pause;
        Context.Timers.Schedule(lost, Context.Now + pause);
    }

    private void EndDial(LostPeer lost)
    {
        Context.Timers.Remove(lost);
        if (lost.RequestId != 0)
        {
            lost.RequestId = 0;
            _dialling--;
        }
    }

    private void Forget(PeerId peer)
    {
        if (_peers.Remove(peer, out LostPeer? lost))
        {
            EndDial(lost);
            _order.Remove(lost.Place!);
        }
    }

    /// <summary>The one that is remembered longest gives way.</summary>
    private void MakeRoom()
    {
        while (_peers.Count >= Context.Options.MaxLostPeers)
        {
            Forget(_order.First!.Value.Id);
        }
    }
}
