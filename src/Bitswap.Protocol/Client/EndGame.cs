using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Ends a batch sooner: nothing is left to be given out, one peer is done, and another still has much to send. What the slow one would send last is taken from
/// it and asked of the quick one. It may be on its way already, so this is done only where much time is won, and only so often in a session: the
/// blocks that may come twice for it are few. A peer that has sent nothing yet may lose as many as the others sent.
/// </summary>
internal sealed class EndGame(EngineContext context, RequestTable requests, Timeouts timeouts)
{
    private const int Budget = 4;
    private const int BudgetAgainstSilence = 16;
    private const int ReceivedPerMove = 100;
    private const int MaxExamined = 256;

    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    private readonly List<Session> _marked = [];

    /// <summary>Marks a session as one to look at when actions are next made: something came for it, or time has passed.</summary>
    public void Mark(Session session)
    {
        if (session.Peers.Count > 1 && session.TryMark())
        {
            _marked.Add(session);
        }
    }

    /// <summary>Looks at the marked sessions.</summary>
    public void Run()
    {
        foreach (Session session in _marked)
        {
            session.Unmark();
            if (session.OpenSubscriptions > 0 && !session.Fresh.TryPeek(out _))
            {
                Share(session);
            }
        }

        _marked.Clear();
    }

    private void Share(Session session)
    {
        TimeSpan next = TimeSpan.MaxValue;
        foreach (SessionPeer slow in session.Peers)
        {
            PeerRequests from = slow.Requests;
            int left = MaxExamined;
            PeerRequest? request = from.Live.Last;
            int moved = 0;
            long budget = slow.FirstResponses == 0 ? BudgetAgainstSilence + session.BlocksReceived : Budget + (session.BlocksReceived / ReceivedPerMove);
            while (request is not null && left-- > 0 && from.BlocksRequested > 0 && session.Moved < budget)
            {
                PeerRequest? before = request.Previous;
                if (IsMovable(request, session) && Quickest(session, request) is { } to)
                {
                    TimeSpan due = DueAt(from, to);
                    if (due > context.Now)
                    {
                        next = due < next ? due : next;
                        break;
                    }

                    session.CountMove();
                    requests.Move(request, to);
                    moved++;
                }

                request = before;
            }

            if (moved > 0)
            {
                from.Performance.GaveUp(moved);
            }
        }

        if (next < TimeSpan.MaxValue)
        {
            timeouts.ArmEndGame(session, next);
        }
    }

    private static bool IsMovable(PeerRequest request, Session session) =>
        request.Told == WantType.Block && request.Want.BlockRequest == request && request.Want.MayMove && request.Want.HasSubscriptionIn(session);

    /// <summary>Returns the peer that would send it soonest; null when no other is likely to have it, and has room.</summary>
    private static PeerRequests? Quickest(Session session, PeerRequest request)
    {
        PeerRequests? best = null;
        foreach (SessionPeer candidate in session.Peers)
        {
            PeerRequests peer = candidate.Requests;
            if (peer != request.Peer
                && peer.Performance.IsMeasured
                && (candidate.FirstResponses > 0 || (!request.Peer.Performance.IsMeasured && peer.HasPromised(request.Want.Hash)))
                && !candidate.IsUnlikely
                && peer.HasRoom(othersCould: true)
                && PeerSelector.CouldAsk(request.Want, peer)
                && (best is null || peer.TimeForNext < best.TimeForNext))
            {
                best = peer;
            }
        }

        return best;
    }

    /// <summary>
    /// Returns when what is asked of the one is better asked of the other: as it takes so long at the pace at which its blocks come, or as nothing came for so
    /// long, which is the least that is to be expected for the next.
    /// </summary>
    private static TimeSpan DueAt(PeerRequests from, PeerRequests to)
    {
        TimeSpan worth = to.TimeWorthMoving;
        return from.TimeForAll > worth ? TimeSpan.MinValue : from.Performance.BusySince + worth + _tick;
    }
}

/// <summary>Represents when a peer of the session will have been slow for too long.</summary>
internal sealed class EndGameTimer(Session session) : EngineTimer
{
    public Session Session => session;
}
