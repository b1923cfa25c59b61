using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Where each want goes next. A want that got a no goes to the next peer; when the session's peers are used up, to all others; and when peers leave, back into the
/// queue (<see cref="SessionPump"/>).
/// </summary>
internal sealed class Placement(ClientSide client)
{
    private EngineContext Context => client.Context;

    /// <summary>Puts a want in the queue of its sessions.</summary>
    public void MakeFresh(ClientWant want)
    {
        LeaveBroadcast(want);
        want.State = WantState.Fresh;
        want.QueuedAs = want.Sequence;
        for (int i = 0; i < want.Interests.Count; i++)
        {
            Session session = want.Interests[i].Session;
            if (i == 0 || session != want.Interests[i - 1].Session)
            {
                session.Fresh.Enqueue(want, 0, want.Priority, want.Sequence);
                client.Pump.MarkHungry(session);
            }
        }

        client.Exhaustion.WithoutPeers(want);
    }

    public void InterestJoined(Interest interest)
    {
        ClientWant want = interest.Want;
        Session session = interest.Session;
        switch (want.State)
        {
            case WantState.Fresh:
                session.Fresh.Enqueue(want, 0, want.Priority, want.Sequence);
                client.Pump.MarkHungry(session);
                want.Searched = want.Searching;
                client.Exhaustion.WithoutPeers(want);
                break;
            case WantState.Active:
            case WantState.AwaitingBroadcast:
                if (interest is { WantsBlock: false, Session.OnlyPeers: not null } && AnsweredOrAsked(want, session))
                {
                    break;
                }

                Advance(want);
                client.Exhaustion.AfterNo(want);
                break;
            case WantState.Parked:
                // What peers said may be long ago: they are asked anew.
                Unpark(want);
                Withdraw(want);
                want.Searched = false;
                MakeFresh(want);
                break;
        }
    }

    /// <summary>
    /// Puts a question to the peers that it is for, since what others are asked for, and send, does not answer it. True when one of them had said HAVE.
    /// </summary>
    private bool AnsweredOrAsked(ClientWant want, Session session)
    {
        for (PeerWant? ask = want.FirstAsk; ask is not null; ask = ask.NextOfWant)
        {
            if (ask.Answer == AskAnswer.Have && session.Allows(ask.Link.Peer.Id))
            {
                client.Ending.SatisfyHaves(want, ask.Link.Peer.Id, TimeSpan.Zero);
                return true;
            }
        }

        foreach (Peer peer in Context.PeerList)
        {
            if (peer.KnowsPresence && session.Allows(peer.Id) && !peer.Link.Asks.ContainsKey(want.Hash))
            {
                AskBook.Ask(client, want, peer.Link, WantType.Have, 1);
            }
        }

        return false;
    }

    public void InterestLeft(ClientWant want)
    {
        if (want.Exclusive)
        {
            // Those that only the lost interest let know are told that it is over.
            PeerWant? next;
            for (PeerWant? ask = want.FirstAsk; ask is not null; ask = next)
            {
                next = ask.NextOfWant;
                if (!want.MayAsk(ask.Link.Peer.Id))
                {
                    AskBook.Release(client, ask, withdraw: true);
                }
            }
        }

        if (want.State == WantState.AwaitingBroadcast && !want.HasInterestIn(want.AwaitingIn!))
        {
            want.State = WantState.Active;
            want.QueuedAs = -1;
        }

        Advance(want);
    }

    public void PeerCame(PeerLink link)
    {
        client.Pump.RoomOpened();
        ClientWant? next = client.Parked.First;
        for (int left = client.Parked.Count; left > 0 && next is not null; left--)
        {
            ClientWant want = next;
            next = want.Next;
            if (want.MayAsk(link.Peer.Id))
            {
                Unpark(want);
                want.State = WantState.Active;
                Advance(want);
            }
        }
    }

    public void PeerLeft(PeerLink link, PeerLoss loss)
    {
        var asks = new PeerWant[link.Asks.Count];
        link.Asks.Values.CopyTo(asks, 0);
        foreach (PeerWant ask in asks)
        {
            PeerAnswer? said = ask.FirstAsked == TimeSpan.MinValue ? null : ask.Describe(Context.Now, loss);
            AskBook.Release(client, ask, withdraw: false);
            if (said is not null)
            {
                ask.Want.Remember(said);
            }
        }

        foreach (PeerWant ask in asks)
        {
            ClientWant want = ask.Want;
            if (want.State == WantState.Parked)
            {
                if (AnyPeerFor(want))
                {
                    // The others had said no, and it was this one that was waited for.
                    client.Exhaustion.EndHopeless(want);
                }
                else
                {
                    Unpark(want);
                    MakeFresh(want);
                }
            }
            else if (want.State == WantState.Active && want.BlockAsk is null)
            {
                // Back in the queue, so that those that are left share what this peer had: unless somebody said that they have it, or may yet.
                if (want.OpenAsks == 0 && !AnyPromise(want))
                {
                    MakeFresh(want);
                }
                else
                {
                    Advance(want);
                }
            }
        }
    }

    /// <summary>Ends all asks of a want; those that were told are told otherwise.</summary>
    public void Withdraw(ClientWant want)
    {
        LeaveBroadcast(want);
        want.QueuedAs = -1;
        if (want.State == WantState.Parked)
        {
            Unpark(want);
        }

        while (want.FirstAsk is { } ask)
        {
            AskBook.Release(client, ask, withdraw: true);
        }
    }

    public void Park(ClientWant want)
    {
        LeaveBroadcast(want);
        want.State = WantState.Parked;
        client.Parked.Append(want);
    }

    public void Unpark(ClientWant want)
    {
        client.Parked.Remove(want);
        want.State = WantState.Active;
    }

    /// <summary>What comes next for a want that peers were asked for.</summary>
    public void Advance(ClientWant want)
    {
        if (want.State != WantState.Active || want.BlockAsk is not null)
        {
            return;
        }

        if (want.WantsBlock && client.Choice.ForBlock(want) is { } link)
        {
            LeaveBroadcast(want);
            AskBook.Ask(client, want, link, WantType.Block, 0);
            return;
        }

        if (want.OpenAsks == 0 && !Broadcast(want))
        {
            client.Exhaustion.NobodyLeft(want);
        }
    }

    /// <summary>
    /// No peer that is likely to have it has room: the unlikely ones are asked whether they do. Takes a place in the window of broadcasts, which is what
    /// it is, if to few.
    /// </summary>
    public void Probe(ClientWant want, Session session)
    {
        LeaveBroadcast(want);
        want.IsProbed = true;
        want.BroadcastIn = session;
        session.Broadcasting++;
        foreach (SessionPeer peer in session.Peers)
        {
            if (peer.IsUnlikely && !peer.Link.Asks.ContainsKey(want.Hash))
            {
                AskBook.Ask(client, want, peer.Link, WantType.Have, 1);
            }
        }

        Advance(want);
    }

    /// <summary>Asks all peers that were not asked yet whether they have it. False when there are none.</summary>
    private bool Broadcast(ClientWant want)
    {
        PeerLink? only = null;
        int count = 0;
        foreach (Peer peer in Context.PeerList)
        {
            if (MayBroadcastTo(want, peer))
            {
                count++;
                only = peer.Link;
            }
        }

        if (count == 0)
        {
            return false;
        }

        if (count == 1 && want.WantsBlock)
        {
            AskBook.Ask(client, want, only!, WantType.Block, 0);
            return true;
        }

        Session session = want.Interests[0].Session;
        if (want.BroadcastIn is null)
        {
            if (session.Broadcasting >= Context.Options.BroadcastWindow)
            {
                want.State = WantState.AwaitingBroadcast;
                want.AwaitingIn = session;
                want.QueuedAs = want.Sequence;
                session.AwaitingBroadcast.Enqueue(want, 0, want.Priority, want.Sequence);
                client.Pump.MarkHungry(session);
                return true;
            }

            want.BroadcastIn = session;
            session.Broadcasting++;
        }

        want.IsProbed = false;
        AskUnasked(want);
        return true;
    }

    /// <summary>Asks all peers that were not asked yet whether they have it, without waiting for those that were.</summary>
    public void AskUnasked(ClientWant want)
    {
        foreach (Peer peer in Context.PeerList)
        {
            if (!MayBroadcastTo(want, peer))
            {
                continue;
            }

            if (peer.KnowsPresence)
            {
                AskBook.Ask(client, want, peer.Link, WantType.Have, 1);
            }
            else if (want.BlockAsk is null)
            {
                // It cannot be asked for less than the block, and that only one peer at a time is.
                AskBook.Ask(client, want, peer.Link, WantType.Block, 0);
            }
        }
    }

    private static bool MayBroadcastTo(ClientWant want, Peer peer) =>
        (want.WantsBlock || peer.KnowsPresence) && !peer.Link.Asks.ContainsKey(want.Hash) && want.MayAsk(peer.Id);

    private void LeaveBroadcast(ClientWant want)
    {
        if (want.BroadcastIn is { } session)
        {
            want.BroadcastIn = null;
            want.IsProbed = false;
            session.Broadcasting--;
            client.Pump.RoomOpened();
        }
    }

    public bool AnyPeerFor(ClientWant want)
    {
        if (!want.Exclusive)
        {
            return Context.PeerList.Count > 0;
        }

        foreach (Peer peer in Context.PeerList)
        {
            if (want.MayAsk(peer.Id))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AnyPromise(ClientWant want)
    {
        for (PeerWant? ask = want.FirstAsk; ask is not null; ask = ask.NextOfWant)
        {
            if (ask.IsPromising)
            {
                return true;
            }
        }

        return false;
    }
}
