using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Finds sessions stuck: nothing was heard for a second, later for (500 ms + 3 x mean latency) x (1 + ticks in a row). On a tick all peers are asked for
/// what is overdue, and on the first tick of a run providers are searched for (boxo, session.go).
/// </summary>
internal sealed class SessionTicks(ClientSide client)
{
    private EngineContext Context => client.Context;

    public void Start(Session session)
    {
        session.LastHeard = Context.Now;
        session.TicksInRow = 0;
        Context.Timers.Schedule(session, Context.Now + Interval(session));
    }

    public void Heard(Session session)
    {
        session.LastHeard = Context.Now;
        session.TicksInRow = 0;
        session.HintsSinceAnswer = 0;
    }

    public void SessionFired(Session session)
    {
        TimeSpan due = session.LastHeard + Interval(session);
        if (due <= Context.Now)
        {
            session.TicksInRow++;
            session.LastHeard = Context.Now;
            Stuck(session);
            due = Context.Now + Interval(session);
        }

        Context.Timers.Schedule(session, due);
    }

    private TimeSpan Interval(Session session)
    {
        TimeSpan sum = TimeSpan.Zero;
        int known = 0;
        foreach (SessionPeer peer in session.Peers)
        {
            if (peer.Link.Latency is { } latency)
            {
                sum += latency;
                known++;
            }
        }

        EngineOptions options = Context.Options;
        return known == 0
            ? options.SessionFirstTick * (1 + session.TicksInRow)
            : (options.SessionTickBase + (3 * (sum / known))) * (1 + session.TicksInRow);
    }

    private void Stuck(Session session)
    {
        bool search = session.TicksInRow == 1 && Context.Options.ProviderSearch && session.OnlyPeers is null;
        ClientWant? searched = null;
        int left = Context.Options.BroadcastWindow;
        for (int i = 0; i < session.Peers.Count && left > 0; i++)
        {
            PeerWant? next;
            for (PeerWant? ask = session.Peers[i].Link.Live.First; ask is not null && left > 0; ask = next, left--)
            {
                next = ask.Next;
                ClientWant want = ask.Want;
                if (want.State == WantState.Active && want.HasInterestIn(session))
                {
                    searched ??= want;
                    client.Placement.AskUnasked(want);
                }
            }
        }

        if (!search)
        {
            return;
        }

        if (searched is null && session.Fresh.TryPeek(out ClientWant? fresh))
        {
            searched = fresh;
        }

        for (ClientWant? want = client.Parked.First; want is not null && searched is null && left-- > 0; want = want.Next)
        {
            searched = want.HasInterestIn(session) ? want : null;
        }

        if (searched is not null && !searched.Exclusive)
        {
            client.Searches.Request(searched);
        }
    }
}
