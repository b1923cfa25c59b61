using Bitswap.Protocol.Actions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Makes wantlist messages: at once while the line is idle, and of all that gathered while messages are under way. In one message cancels come
/// first, then wants for this peer in particular, then broadcasts.
/// </summary>
internal sealed class WantSender(ClientSide client)
{
    // An entry's protobuf overhead: tags, lengths, priority (up to ten bytes when negative) and flags.
    private const int EntryOverhead = 24;
    private const int MaxWantMessageBytes = 2 * 1024 * 1024;

    private readonly Queue<PeerLink> _dirty = new();

    private EngineContext Context => client.Context;

    public void MarkDirty(PeerLink link)
    {
        if (!link.IsDirty)
        {
            link.IsDirty = true;
            _dirty.Enqueue(link);
        }
    }

    public void Flush()
    {
        while (_dirty.TryDequeue(out PeerLink? link))
        {
            link.IsDirty = false;
            while (link.Peer.IsConnected && TrySend(link))
            {
            }
        }
    }

    /// <summary>True when the message was one of wants.</summary>
    public bool MessageSent(PeerLink link, long messageId, bool ok)
    {
        int index = link.InFlight.FindIndex(m => m.Id == messageId);
        if (index < 0)
        {
            return false;
        }

        OutMessage message = link.InFlight[index];
        link.InFlight.RemoveAt(index);
        if (ok)
        {
            link.Failures = 0;
            Context.Counters.SendTimes.Add(Context.Now - message.HandedOut);
            foreach (PeerWant ask in message.Told)
            {
                if (ask.MessageId == messageId && ask.OnWire && ask.Answer is AskAnswer.None or AskAnswer.Simulated)
                {
                    ask.SentAt = Context.Now;
                    ask.AnswersBefore = link.AnswerCount;
                    link.Live.Append(ask);
                }
            }

            client.Timeouts.Reschedule(link);
            MarkDirty(link);
            return true;
        }

        if (++link.Failures >= Context.Options.MaxSendAttempts)
        {
            Context.Drop(link.Peer, $"{link.Failures} messages to it in a row could not be sent.", mayReturn: true);
        }

        StartOver(link);
        return true;
    }

    /// <summary>What the peer knows is unknown: it is told everything again, in a full wantlist.</summary>
    private void StartOver(PeerLink link)
    {
        link.WasGreeted = false;
        link.OwesFullList = true;
        link.Cancels.Clear();
        foreach (PeerWant denied in link.Denied.SetAllAside())
        {
            denied.OnWire = false;
            denied.MessageId = 0;
            AskBook.Unqueue(denied);
        }

        foreach (PeerWant ask in link.Asks.Values)
        {
            if (!ask.OnWire)
            {
                continue;
            }

            AskBook.TakeOffWire(ask);
            ask.MessageId = 0;
            if (ask.Answer is AskAnswer.None or AskAnswer.Simulated && !ask.IsQueued)
            {
                AskBook.Repeat(client, ask);
            }
        }

        link.RetryAt = Context.Now + Context.Options.SendRetryDelay;
        client.Timeouts.Reschedule(link);
    }

    private bool TrySend(PeerLink link)
    {
        EngineOptions options = Context.Options;
        if (link.InFlight.Count >= options.MaxWantMessagesInFlight || link.RetryAt > Context.Now)
        {
            return false;
        }

        var entries = new List<WantlistEntry>();
        var told = new List<PeerWant>();
        int bytes = 0;

        // In one message a want and its end would be one entry to many peers, so what is asked afresh goes in the next.
        bool isRoomForWants = true;
        if (link.Cancels.Count > 0)
        {
            foreach (Cid cid in link.Cancels)
            {
                entries.Add(new WantlistEntry(cid, 0, Cancel: true));
                bytes += cid.ByteLength + EntryOverhead;
                link.Cancels.Remove(cid);
                isRoomForWants &= !link.Asks.ContainsKey(cid.Hash);
                if (entries.Count >= options.MaxWantMessageEntries || bytes >= MaxWantMessageBytes)
                {
                    break;
                }
            }
        }

        // Asks that make room for others are withdrawn in the same message, ahead of all wants.
        int cancels = entries.Count;
        List<WantlistEntry>? evicted = null;
        long id = Context.NextId();
        while (isRoomForWants && entries.Count + (evicted?.Count ?? 0) < options.MaxWantMessageEntries && bytes < MaxWantMessageBytes && link.Backlog.TryPeek(out PeerWant? ask))
        {
            if (!ask!.OnWire && link.Awaited + link.Answered >= options.MaxOutstandingWants)
            {
                if ((link.Denied.Spare(id) ?? link.Promises.First) is not { } spare || spare.MessageId == id)
                {
                    break;
                }

                SetAside(spare);
                (evicted ??= []).Add(new WantlistEntry(spare.Want.Cid, 0, Cancel: true));
                bytes += spare.Want.Cid.ByteLength + EntryOverhead;
            }

            link.Backlog.Pop();
            entries.Add(Tell(ask, id));
            told.Add(ask);
            bytes += ask.Want.Cid.ByteLength + EntryOverhead;
        }

        if (evicted is not null)
        {
            entries.InsertRange(cancels, evicted);
            cancels += evicted.Count;
        }

        if (entries.Count == 0 && !link.OwesFullList)
        {
            return false;
        }

        bool full = !link.WasGreeted;
        link.WasGreeted = true;
        link.OwesFullList = false;
        link.InFlight.Add(new OutMessage(id, told, Context.Now));
        Context.Counters.MessagesSent++;
        Context.Counters.WantlistsSent++;
        Context.Counters.CancelsSent += cancels;
        Context.Counters.WantsSent += told.Count;
        Context.Actions.Enqueue(new SendMessage(link.Peer.Id, id, new BitswapMessage { Full = full, Wantlist = entries }));
        return true;
    }

    private WantlistEntry Tell(PeerWant ask, long messageId)
    {
        PeerLink link = ask.Link;
        ask.QueuedAs = -1;
        link.Queued--;
        ask.OnWire = true;
        bool standing = ask.IsRepetition && ask.Answer is AskAnswer.Have or AskAnswer.DontHave;
        if (ask.IsRepetition)
        {
            Context.Counters.WantsResent++;
        }

        if (standing && ask.Answer == AskAnswer.Have)
        {
            link.Promises.Append(ask);
        }
        else if (standing)
        {
            link.Denied.Add(ask, Context.Now);
        }
        else if (!ask.IsRepetition)
        {
            ask.List?.Remove(ask);
            ask.Promised = ask.Answer == AskAnswer.Have;
            ask.ConfirmedAt = ask.Promised ? ask.AnsweredAt : null;
            ask.Answer = AskAnswer.None;
        }

        if (ask.FirstAsked == TimeSpan.MinValue)
        {
            ask.FirstAsked = Context.Now;
        }

        ask.IsRepetition = false;
        ask.TimesTold++;
        ask.Told = ask.QueuedType;
        ask.SentAt = Context.Now;
        ask.MessageId = messageId;
        bool presence = link.Peer.KnowsPresence;
        return new WantlistEntry(ask.Want.Cid, ask.Want.Priority, false, presence ? ask.Told : WantType.Block, presence && !standing);
    }

    private static void SetAside(PeerWant ask)
    {
        if (ask.Answer == AskAnswer.DontHave)
        {
            ask.Link.Denied.SetAside(ask);
            ask.OnWire = false;
        }
        else
        {
            AskBook.TakeOffWire(ask);
        }

        if (ask.IsRepetition)
        {
            AskBook.Unqueue(ask);
            ask.IsRepetition = false;
        }
    }
}
