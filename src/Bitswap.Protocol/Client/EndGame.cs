using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>
/// The end of a batch: nothing is left to be given out, one peer is done, and another still has much to send. What the slow one would send last is taken from
/// it and asked of the quick one. It may be on its way already, so this is done only where much time is won, and only so often in a session: the
/// blocks that may come twice for it are few. A peer that has sent nothing yet is allowed to lose more.
/// </summary>
internal sealed class EndGame(ClientSide client)
{
    private const int Budget = 4;
    private const int BudgetAgainstSilence = 16;
    private const int ReceivedPerMove = 100;
    private const int MostLookedAt = 256;
    private const byte MovesPerWant = 2;
    private const int Gain = 4;

    private static readonly TimeSpan _leastGain = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    private readonly List<Session> _marked = [];

    private EngineContext Context => client.Context;

    /// <summary>Something came for the session, or time has passed: it is looked at when actions are next made.</summary>
    public void Mark(Session session)
    {
        if (!session.IsMarked && session.Peers.Count > 1)
        {
            session.IsMarked = true;
            _marked.Add(session);
        }
    }

    public void Run()
    {
        foreach (Session session in _marked)
        {
            session.IsMarked = false;
            if (session.OpenInterests > 0 && !session.Fresh.TryPeek(out _))
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
            PeerLink from = slow.Link;
            int left = MostLookedAt;
            PeerWant? ask = from.Live.Last;
            bool moved = false;
            long budget = (slow.FirstResponses == 0 ? BudgetAgainstSilence : Budget) + (session.BlocksReceived / ReceivedPerMove);
            while (ask is not null && left-- > 0 && from.BlocksAsked > 0 && session.Moved < budget)
            {
                PeerWant? before = ask.Previous;
                if (IsMovable(ask, session) && Quickest(session, ask) is { } to)
                {
                    TimeSpan due = DueAt(from, to);
                    if (due > Context.Now)
                    {
                        next = due < next ? due : next;
                        break;
                    }

                    Move(session, ask, to);
                    moved = true;
                }

                ask = before;
            }

            if (moved)
            {
                from.FellSilent(wholly: false);
            }
        }

        if (next < TimeSpan.MaxValue)
        {
            Context.Timers.Schedule(session.EndGameTimer, next);
        }
    }

    private static bool IsMovable(PeerWant ask, Session session) =>
        ask.Told == WantType.Block && ask.Want.BlockAsk == ask && ask.Want.Moves < MovesPerWant && ask.Want.HasInterestIn(session);

    /// <summary>The peer that would send it soonest; null when no other is likely to have it, and has room.</summary>
    private PeerLink? Quickest(Session session, PeerWant ask)
    {
        PeerLink? best = null;
        foreach (SessionPeer peer in session.Peers)
        {
            PeerLink link = peer.Link;
            if (link != ask.Link
                && peer.FirstResponses > 0
                && link.IsMeasured
                && !peer.IsUnlikely
                && link.HasRoom(othersCould: true)
                && PeerChoice.CouldAsk(ask.Want, link)
                && (best is null || link.TimeForNext < best.TimeForNext))
            {
                best = link;
            }
        }

        return best;
    }

    /// <summary>
    /// When what is asked of the one is better asked of the other: as it takes so long at the pace at which its blocks come, or as nothing came for so
    /// long, which is the least that is to be expected for the next.
    /// </summary>
    private static TimeSpan DueAt(PeerLink from, PeerLink to)
    {
        TimeSpan soon = to.TimeForNext;
        TimeSpan worth = soon * Gain > soon + _leastGain ? soon * Gain : soon + _leastGain;
        return from.BlocksAsked * from.BlockInterval > worth ? TimeSpan.MinValue : from.BusySince + worth + _tick;
    }

    private void Move(Session session, PeerWant ask, PeerLink to)
    {
        ClientWant want = ask.Want;
        session.Moved++;
        want.Moves++;
        Context.Counters.WantsMoved++;
        AskBook.Release(client, ask, withdraw: true);
        AskBook.Ask(client, want, to, WantType.Block, 0);
    }
}
