using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Decides who is asked next for each want. A fresh want waits until a peer of its session has room; then one peer is asked for the block and the others, unless that one
/// has had everything so far, whether they have it. A want that got a no goes to the next peer, and when the session's peers are used up, to all others.
/// </summary>
/// <param name="context">What the engine shares.</param>
/// <param name="requests">Who is asked what.</param>
/// <param name="selector">Which peer is asked.</param>
/// <param name="endGame">Looks at sessions that have nothing left to give out.</param>
/// <param name="noPeerLeft">Called with a want for which no peer is left to ask.</param>
internal sealed class WantScheduler(EngineContext context, RequestTable requests, PeerSelector selector, EndGame endGame, Action<ClientWant> noPeerLeft)
{
    // WANT_HAVE for a block of up to so many bytes is answered with the block (boxo): asking several peers would bring it several times.
    private const int AnsweredWithBlock = 1024;

    // Before anything is known of the blocks, no more than this is risked.
    private const int MaxHints = 32;

    private readonly List<Session> _runnable = [];
    private bool _roomOpened;
    private int _firstRunnable;

    /// <summary>Gets the bytes handed to the store and not confirmed.</summary>
    public long StoringBytes { get; private set; }

    /// <summary>Gets whether something changed that may let wants be given to peers.</summary>
    public bool HasWork => (_roomOpened || requests.HasNewRoom) && StoringBytes <= context.Options.MaxStoringBytes;

    /// <summary>Notes that a peer may have room, or a window a place.</summary>
    public void RoomOpened() => _roomOpened = true;

    public void StoringBegan(int bytes) => StoringBytes += bytes;

    public void StoringEnded(int bytes)
    {
        StoringBytes -= bytes;
        RoomOpened();
    }

    /// <summary>Puts a want in the queues of its sessions.</summary>
    public void Enqueue(ClientWant want)
    {
        LeaveBroadcast(want);
        want.Enqueue();
        for (int i = 0; i < want.Subscriptions.Count; i++)
        {
            Session session = want.Subscriptions[i].Session;
            if (i == 0 || session != want.Subscriptions[i - 1].Session)
            {
                EnqueueIn(session, want);
            }
        }
    }

    /// <summary>Puts a fresh want in the queue of one more session.</summary>
    public void EnqueueIn(Session session, ClientWant want)
    {
        session.Fresh.Enqueue(want, 0, want.Priority, want.Sequence);
        MarkRunnable(session);
    }

    /// <summary>Gives fresh wants to peers with room.</summary>
    public void Run()
    {
        _roomOpened = false;
        requests.ClearNewRoom();
        int count = _runnable.Count;
        if (count == 0)
        {
            return;
        }

        // Sessions take turns in being first.
        int start = _firstRunnable++ % count;
        for (int i = 0; i < count; i++)
        {
            Run(_runnable[(start + i) % count]);
        }

        _runnable.RemoveAll(static session => !session.StaysRunnable());
    }

    /// <summary>Asks the next peer for a want that peers were asked for.</summary>
    public void Advance(ClientWant want)
    {
        if (want.State != WantState.Active || want.BlockRequest is not null)
        {
            return;
        }

        if (want.WantsBlock && selector.ForBlock(want) is { } peer)
        {
            LeaveBroadcast(want);
            requests.Ask(want, peer, WantType.Block, 0);
            return;
        }

        if (want.OpenRequests == 0 && !Broadcast(want))
        {
            noPeerLeft(want);
        }
    }

    /// <summary>Ends all requests for a want; those that were told are told otherwise.</summary>
    public void Withdraw(ClientWant want)
    {
        while (want.FirstRequest is { } request)
        {
            requests.Release(request, withdraw: true);
        }
    }

    /// <summary>Asks all peers that were not asked yet whether they have it, without waiting for those that were.</summary>
    public void AskUnasked(ClientWant want)
    {
        foreach (PeerRequests peer in requests.Peers)
        {
            if (!MayBroadcastTo(want, peer))
            {
                continue;
            }

            if (peer.KnowsPresence)
            {
                requests.Ask(want, peer, WantType.Have, 1);
            }
            else if (want.BlockRequest is null)
            {
                // It cannot be asked for less than the block, and that only one peer at a time is.
                requests.Ask(want, peer, WantType.Block, 0);
            }
        }
    }

    /// <summary>Asks the peers that a session allows, and that were not asked yet, whether they have it.</summary>
    public void AskAllowed(ClientWant want, Session session)
    {
        foreach (PeerRequests peer in requests.Peers)
        {
            if (peer.KnowsPresence && session.Allows(peer.Id) && !peer.ByHash.ContainsKey(want.Hash))
            {
                requests.Ask(want, peer, WantType.Have, 1);
            }
        }
    }

    /// <summary>Takes a want out of the broadcast window.</summary>
    public void LeaveBroadcast(ClientWant want)
    {
        if (want.LeaveBroadcast())
        {
            RoomOpened();
        }
    }

    /// <summary>Returns whether a peer is connected that may know of a want.</summary>
    public bool AnyPeerFor(ClientWant want)
    {
        if (!want.Exclusive)
        {
            return requests.PeerCount > 0;
        }

        foreach (PeerRequests peer in requests.Peers)
        {
            if (want.MayAsk(peer.Id))
            {
                return true;
            }
        }

        return false;
    }

    private void MarkRunnable(Session session)
    {
        RoomOpened();
        if (session.TryMakeRunnable())
        {
            _runnable.Add(session);
        }
    }

    private void Run(Session session)
    {
        while (session.Broadcasting < context.Options.BroadcastWindow && session.AwaitingBroadcast.TryPeek(out ClientWant? waiting))
        {
            session.AwaitingBroadcast.Pop();
            if (waiting!.State == WantState.AwaitingBroadcast && waiting.AwaitingIn == session)
            {
                waiting.Activate();
                Advance(waiting);
            }
        }

        selector.Refresh(session);
        endGame.Mark(session);
        while (session.Fresh.TryPeek(out ClientWant? want))
        {
            if (want!.State != WantState.Fresh || !want.HasSubscriptionIn(session))
            {
                // Left behind from when it was queued here before.
                session.Fresh.Pop();
                continue;
            }

            SessionPeer? peer = selector.ForFresh(session, want, out int possible);
            if (peer is null && possible > 0)
            {
                return;
            }

            bool probe = peer is { IsUnlikely: true } && possible > 1 && want.WantsBlock;
            if (probe && session.Broadcasting >= context.Options.BroadcastWindow)
            {
                return;
            }

            if (peer is null && (!AnyPeerFor(want) || session.Broadcasting >= context.Options.BroadcastWindow))
            {
                return;
            }

            session.Fresh.Pop();
            want.Activate();
            if (peer is null)
            {
                Advance(want);
            }
            else if (probe)
            {
                Probe(want, session);
            }
            else if (!want.WantsBlock)
            {
                AskOthersOf(session, want, null);
                Advance(want);
            }
            else
            {
                requests.Ask(want, peer.Requests, WantType.Block, 0);
                if (!peer.IsCertain && !(session.MeanBlockSize <= AnsweredWithBlock) && session.TryHint(MaxHints))
                {
                    AskOthersOf(session, want, peer);
                }
            }
        }
    }

    private void AskOthersOf(Session session, ClientWant want, SessionPeer? chosen)
    {
        foreach (SessionPeer peer in session.Peers)
        {
            PeerRequests other = peer.Requests;
            if (peer != chosen && other.KnowsPresence && (chosen is null || other.HasRoomForHint()) && !other.ByHash.ContainsKey(want.Hash))
            {
                requests.Ask(want, other, WantType.Have, 1);
            }
        }
    }

    /// <summary>
    /// Asks the unlikely peers of a session whether they have it, as no likely one has room. Takes a place in the window of broadcasts, which is what
    /// it is, if to few.
    /// </summary>
    private void Probe(ClientWant want, Session session)
    {
        LeaveBroadcast(want);
        want.EnterBroadcast(session, isProbe: true);
        foreach (SessionPeer peer in session.Peers)
        {
            if (peer.IsUnlikely && !peer.Requests.ByHash.ContainsKey(want.Hash))
            {
                requests.Ask(want, peer.Requests, WantType.Have, 1);
            }
        }

        Advance(want);
    }

    /// <summary>Asks all peers that were not asked yet whether they have it, as soon as the session's window has a place. False when there are no such peers.</summary>
    private bool Broadcast(ClientWant want)
    {
        PeerRequests? only = null;
        int count = 0;
        foreach (PeerRequests peer in requests.Peers)
        {
            if (MayBroadcastTo(want, peer))
            {
                count++;
                only = peer;
            }
        }

        if (count == 0)
        {
            return false;
        }

        if (count == 1 && want.WantsBlock)
        {
            requests.Ask(want, only!, WantType.Block, 0);
            return true;
        }

        Session session = want.Subscriptions[0].Session;
        if (want.BroadcastIn is null && session.Broadcasting >= context.Options.BroadcastWindow)
        {
            want.AwaitBroadcast(session);
            session.AwaitingBroadcast.Enqueue(want, 0, want.Priority, want.Sequence);
            MarkRunnable(session);
            return true;
        }

        want.EnterBroadcast(session, isProbe: false);
        AskUnasked(want);
        return true;
    }

    private static bool MayBroadcastTo(ClientWant want, PeerRequests peer) =>
        (want.WantsBlock || peer.KnowsPresence) && !peer.ByHash.ContainsKey(want.Hash) && want.MayAsk(peer.Id);
}
