using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Gives fresh wants to peers. A fresh want waits until a peer of its session has room; then one peer is asked for the block and the others, unless that one
/// has had everything so far, whether they have it.
/// </summary>
internal sealed class SessionPump(ClientSide client)
{
    // WANT_HAVE for a block of up to so many bytes is answered with the block (boxo): asking several peers would bring it several times.
    private const int AnsweredWithBlock = 1024;

    // Before anything is known of the blocks, no more than this is risked.
    private const int MaxHints = 32;

    private readonly List<Session> _hungry = [];
    private bool _roomOpened;
    private int _firstHungry;

    private EngineContext Context => client.Context;

    /// <summary>Bytes handed to the store and not confirmed.</summary>
    public long StoringBytes { get; set; }

    /// <summary>Something changed that may let wants be placed.</summary>
    public bool HasWork => _roomOpened && StoringBytes <= Context.Options.MaxStoringBytes;

    public void RoomOpened() => _roomOpened = true;

    public void MarkHungry(Session session)
    {
        RoomOpened();
        if (!session.IsHungry)
        {
            session.IsHungry = true;
            _hungry.Add(session);
        }
    }

    /// <summary>Gives fresh wants to peers with room.</summary>
    public void Run()
    {
        _roomOpened = false;
        int count = _hungry.Count;
        if (count == 0)
        {
            return;
        }

        // Sessions take turns in being first.
        int start = _firstHungry++ % count;
        for (int i = 0; i < count; i++)
        {
            Pump(_hungry[(start + i) % count]);
        }

        _hungry.RemoveAll(static session =>
        {
            session.IsHungry = session.Fresh.TryPeek(out _) || session.AwaitingBroadcast.TryPeek(out _);
            return !session.IsHungry;
        });
    }

    private void Pump(Session session)
    {
        while (session.Broadcasting < Context.Options.BroadcastWindow && session.AwaitingBroadcast.TryPeek(out ClientWant? waiting))
        {
            session.AwaitingBroadcast.Pop();
            if (waiting!.State == WantState.AwaitingBroadcast && waiting.AwaitingIn == session)
            {
                waiting.QueuedAs = -1;
                waiting.State = WantState.Active;
                client.Placement.Advance(waiting);
            }
        }

        client.Choice.Refresh(session);
        client.EndGame.Mark(session);
        while (session.Fresh.TryPeek(out ClientWant? want))
        {
            if (want!.State != WantState.Fresh || !want.HasInterestIn(session))
            {
                // Left behind from when it was queued here before.
                session.Fresh.Pop();
                continue;
            }

            SessionPeer? peer = client.Choice.ForFresh(session, want, out int possible);
            if (peer is null && possible > 0)
            {
                return;
            }

            bool probe = peer is { IsUnlikely: true } && possible > 1 && want.WantsBlock;
            if (probe && session.Broadcasting >= Context.Options.BroadcastWindow)
            {
                return;
            }

            if (peer is null && (!client.Placement.AnyPeerFor(want) || session.Broadcasting >= Context.Options.BroadcastWindow))
            {
                return;
            }

            session.Fresh.Pop();
            want.QueuedAs = -1;
            want.State = WantState.Active;
            if (peer is null)
            {
                client.Placement.Advance(want);
            }
            else if (probe)
            {
                client.Placement.Probe(want, session);
            }
            else if (!want.WantsBlock)
            {
                AskOthersOf(session, want, null);
                client.Placement.Advance(want);
            }
            else
            {
                AskBook.Ask(client, want, peer.Link, WantType.Block, 0);
                if (!peer.IsCertain && !(session.MeanBlockSize <= AnsweredWithBlock) && session.HintsSinceAnswer++ < MaxHints)
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
            if (peer != chosen && peer.Link.Peer.KnowsPresence && (chosen is null || peer.Link.HasRoomForHint()) && !peer.Link.Asks.ContainsKey(want.Hash))
            {
                AskBook.Ask(client, want, peer.Link, WantType.Have, 1);
            }
        }
    }
}
