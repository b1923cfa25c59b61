using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Makes wantlist messages: at once while the line is idle, and of all that gathered while messages are under way (boxo, messagequeue.go). In one message cancels come
/// first, then wants for this peer in particular, then broadcasts.
/// </summary>
internal sealed class WantlistSender(EngineContext context, Timeouts timeouts)
{
    // An entry's protobuf overhead: tags, lengths, priority (up to ten bytes when negative) and flags.
    private const int EntryOverhead = 24;
    private const int MaxWantMessageBytes = 2 * 1024 * 1024;

    private readonly Queue<PeerRequests> _marked = new();

    /// <summary>Marks a peer as one that there may be something to tell.</summary>
    public void Mark(PeerRequests peer)
    {
        if (peer.TryMark())
        {
            _marked.Enqueue(peer);
        }
    }

    /// <summary>Queues what a peer is to be told of a want: first what is for it in particular (rank 0), then the rest (rank 1).</summary>
    public void Enqueue(PeerRequest request, byte rank)
    {
        request.Queue();
        AddToBacklog(request, rank);
    }

    /// <summary>Queues what a peer was told before, or <paramref name="type"/>, to be told again.</summary>
    public void Repeat(PeerRequest request, WantType? type = null)
    {
        if (!request.IsQueued)
        {
            request.Queue(repeated: type ?? request.Told);
            AddToBacklog(request, 1);
        }
    }

    /// <summary>Makes the messages that may go out now.</summary>
    public void Flush()
    {
        while (_marked.TryDequeue(out PeerRequests? peer))
        {
            peer.Unmark();
            while (peer.Peer.IsConnected && TrySend(peer))
            {
            }
        }
    }

    /// <summary>Notes that a message was sent or not. Returns whether it was one of wants.</summary>
    public bool MessageSent(PeerRequests peer, long messageId, bool ok)
    {
        int index = peer.InFlight.FindIndex(m => m.Id == messageId);
        if (index < 0)
        {
            return false;
        }

        WantlistMessage message = peer.InFlight[index];
        peer.InFlight.RemoveAt(index);
        if (ok)
        {
            peer.SendSucceeded();
            context.Measures.SendTimes.Add(context.Now - message.HandedOut);
            foreach (PeerRequest request in message.Told)
            {
                if (request.MessageId == messageId && request.OnWire && request.IsUnanswered)
                {
                    request.Sent(context.Now);
                }
            }

            timeouts.Arm(peer);
            Mark(peer);
            return true;
        }

        int failures = peer.SendFailed();
        if (failures >= context.Options.MaxSendAttempts)
        {
            context.Drop(peer.Peer, $"{failures} messages to it in a row could not be sent.", mayReturn: true);
        }

        StartOver(peer);
        return true;
    }

    /// <summary>Tells a peer everything again, since what it knows is unknown.</summary>
    private void StartOver(PeerRequests peer)
    {
        peer.StartOver();
        foreach (PeerRequest request in peer.ByHash.Values)
        {
            if (!request.OnWire)
            {
                continue;
            }

            request.Untell();
            if (request.IsUnanswered)
            {
                Repeat(request);
            }
        }

        timeouts.Arm(peer);
    }

    private void AddToBacklog(PeerRequest request, byte rank)
    {
        request.Peer.Backlog.Enqueue(request, rank, request.Want.Priority, request.Want.Sequence);
        Mark(request.Peer);
    }

    private bool TrySend(PeerRequests peer)
    {
        EngineOptions options = context.Options;
        if (peer.InFlight.Count >= options.MaxWantMessagesInFlight || peer.RetryAt > context.Now)
        {
            return false;
        }

        var entries = new List<WantlistEntry>();
        var told = new List<PeerRequest>();
        int bytes = 0;

        // In one message a want and its end would be one entry to many peers, so what is asked afresh goes in the next.
        bool isRoomForWants = true;
        if (peer.Cancels.Count > 0)
        {
            foreach (Cid cid in peer.Cancels.Keys)
            {
                entries.Add(new WantlistEntry(cid, 0, Cancel: true));
                bytes += cid.ByteLength + EntryOverhead;
                peer.Cancels.Remove(cid);
                isRoomForWants &= !peer.ByHash.ContainsKey(cid.Hash);
                if (entries.Count >= options.MaxWantMessageEntries || bytes >= MaxWantMessageBytes)
                {
                    break;
                }
            }
        }

        // Requests that make room for others are withdrawn in the same message, ahead of all wants.
        int cancels = entries.Count;
        List<WantlistEntry>? evicted = null;
        long id = context.NextId();
        while (isRoomForWants && entries.Count + (evicted?.Count ?? 0) < options.MaxWantMessageEntries && bytes < MaxWantMessageBytes && peer.Backlog.TryPeek(out PeerRequest? request))
        {
            if (!request!.OnWire && peer.Awaited + peer.Answered >= options.MaxOutstandingWants)
            {
                if ((peer.Denied.Spare(id) ?? peer.Promises.First) is not { } spare || spare.MessageId == id)
                {
                    break;
                }

                spare.SetAside();
                (evicted ??= []).Add(new WantlistEntry(spare.Want.Cid, 0, Cancel: true));
                bytes += spare.Want.Cid.ByteLength + EntryOverhead;
            }

            peer.Backlog.Pop();
            entries.Add(Tell(request, id));
            told.Add(request);
            bytes += request.Want.Cid.ByteLength + EntryOverhead;
        }

        if (evicted is not null)
        {
            entries.InsertRange(cancels, evicted);
            cancels += evicted.Count;
        }

        if (entries.Count == 0 && !peer.OwesFullList)
        {
            return false;
        }

        bool full = peer.TakeFullness();
        peer.InFlight.Add(new WantlistMessage(id, told, context.Now));
        context.Counters.MessagesSent++;
        context.Counters.WantlistsSent++;
        context.Counters.CancelsSent += cancels;
        context.Counters.WantsSent += told.Count;
        context.Actions.Enqueue(new SendMessage(peer.Id, id, new BitswapMessage { Full = full, Wantlist = entries }));
        return true;
    }

    private WantlistEntry Tell(PeerRequest request, long messageId)
    {
        if (request.IsRepetition)
        {
            context.Counters.WantsResent++;
        }

        bool standing = request.Tell(messageId, context.Now);
        bool presence = request.Peer.KnowsPresence;
        return new WantlistEntry(request.Want.Cid, request.Want.Priority, false, presence ? request.Told : WantType.Block, presence && !standing);
    }
}
