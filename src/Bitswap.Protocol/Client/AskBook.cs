using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>Keeps the asks, the links and the wants in step: the only place that changes which peer is asked for what.</summary>
internal static class AskBook
{
    /// <summary>The peer is to be asked. For a block it becomes the one peer that is asked for it.</summary>
    public static PeerWant Ask(ClientSide client, ClientWant want, PeerLink link, WantType type, byte rank)
    {
        if (!link.Asks.TryGetValue(want.Hash, out PeerWant? ask))
        {
            ask = new PeerWant(want, link);
            link.Asks.Add(want.Hash, ask);
            want.Link(ask);

            if (link.Cancels.Remove(want.Cid))
            {
                // Not withdrawn yet: the peer has it in its list still, and needs no CANCEL unless it is released again.
                ask.OnWire = true;
                ask.FirstAsked = ask.SentAt = client.Context.Now;
            }
        }

        if (type == WantType.Block)
        {
            want.BlockAsk = ask;
            for (PeerWant? other = want.FirstAsk; other is not null; other = other.NextOfWant)
            {
                if (other != ask && other.Answer == AskAnswer.DontHave)
                {
                    AskOnlyForWord(client, other);
                }
            }

            if (!ask.CountsAsBlock)
            {
                ask.CountsAsBlock = true;
                if (link.BlocksAsked++ == 0)
                {
                    link.BusySince = client.Context.Now;
                }
            }
        }

        if (!ask.IsOpen)
        {
            ask.IsOpen = true;
            want.OpenAsks++;
        }

        ask.QueuedType = ask.IsQueued && !ask.IsRepetition && ask.QueuedType == WantType.Block ? WantType.Block : type;
        ask.IsRepetition = false;
        Enqueue(client, ask, rank);
        return ask;
    }

    /// <summary>The peer is to be told again what it was told before.</summary>
    public static void Repeat(ClientSide client, PeerWant ask)
    {
        if (!ask.IsQueued)
        {
            ask.QueuedType = ask.Told;
            ask.IsRepetition = true;
            Enqueue(client, ask, 1);
        }
    }

    /// <summary>
    /// The peer is to be told again as if it had not been: first that the want is over, then of the want. One that counts the block as sent (Helia) heeds no other want for it.
    /// </summary>
    public static void AskAfresh(ClientSide client, PeerWant ask)
    {
        ask.Link.Cancels.Add(ask.Want.Cid);
        TakeOffWire(ask);
        ask.MessageId = 0;
        Repeat(client, ask);
        client.Sender.MarkDirty(ask.Link);
    }

    /// <summary>
    /// A peer without the block keeps the want. While the block comes from elsewhere it is only to say when it has it, too: or each peer that gets it would send it.
    /// </summary>
    private static void AskOnlyForWord(ClientSide client, PeerWant ask)
    {
        if (!ask.IsQueued && ask.OnWire && ask.Told == WantType.Block && ask.Link.Peer.KnowsPresence)
        {
            Repeat(client, ask);
            ask.QueuedType = WantType.Have;
        }
    }

    /// <summary>Nothing more is expected of the ask for now.</summary>
    public static void Close(ClientSide client, PeerWant ask)
    {
        if (ask.IsOpen)
        {
            ask.IsOpen = false;
            ask.Want.OpenAsks--;
        }

        if (ask.CountsAsBlock)
        {
            ask.CountsAsBlock = false;
            ask.Link.BlocksAsked--;
        }

        if (ask.Want.BlockAsk == ask)
        {
            ask.Want.BlockAsk = null;
        }

        client.Pump.RoomOpened();
    }

    /// <summary>Takes the ask out of the queue of what is to be told.</summary>
    public static void Unqueue(PeerWant ask)
    {
        if (ask.IsQueued)
        {
            ask.QueuedAs = -1;
            ask.Link.Queued--;
            ask.Link.Backlog.NoteStale();
        }
    }

    /// <summary>The peer's list no longer has it, or is about to be told so.</summary>
    public static void TakeOffWire(PeerWant ask)
    {
        ask.List?.Remove(ask);
        ask.OnWire = false;
    }

    /// <summary>Ends the ask. A peer that was told, and has not sent the block, is told otherwise.</summary>
    public static void Release(ClientSide client, PeerWant ask, bool withdraw)
    {
        PeerLink link = ask.Link;
        Close(client, ask);
        Unqueue(ask);
        if (withdraw && ask.OnWire)
        {
            link.Cancels.Add(ask.Want.Cid);
            client.Sender.MarkDirty(link);
        }

        TakeOffWire(ask);
        link.Withdrawn.Add(ask.Want.Hash, ask.TimesTold);
        link.Asks.Remove(ask.Want.Hash);
        ask.Want.Unlink(ask);
        if (ask.FirstAsked != TimeSpan.MinValue)
        {
            // What it said over a former connection is out of date.
            ask.Want.Forget(link.Peer.Id);
        }
    }

    private static void Enqueue(ClientSide client, PeerWant ask, byte rank)
    {
        if (!ask.IsQueued)
        {
            ask.Link.Queued++;
        }

        ask.QueuedAs = ask.Want.Sequence;
        ask.Link.Backlog.Enqueue(ask, rank, ask.Want.Priority, ask.Want.Sequence);
        client.Sender.MarkDirty(ask.Link);
    }
}
