using Bitswap.Multiformats.Abstractions;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>Keeps what peers want, within the bounds that <see cref="WantBudget"/> keeps; a full wantlist is added by the same rule.</summary>
internal sealed class PeerWantlists(ServerSide server)
{
    private long _lastSequence;

    private EngineContext Context => server.Context;

    /// <param name="queue">Who asks.</param>
    /// <param name="message">What for.</param>
    /// <param name="refused">What was decided that the peer may not have; null when nothing was decided.</param>
    public void Receive(PeerQueue queue, BitswapMessage message, IReadOnlySet<Cid>? refused)
    {
        IReadOnlyList<WantlistEntry> entries = message.Wantlist;
        bool closesFull = message is { IsContinuation: true, IsContinued: false } && queue.IsFullListOpen;
        if (entries.Count == 0 && !message.Full && !closesFull)
        {
            return;
        }

        Context.Counters.WantlistsReceived += message.IsContinuation ? 0 : 1;
        if (message is { Full: true, IsContinued: true })
        {
            queue.IsFullListOpen = true;
            queue.FullList++;
        }
        else if (message.Full && queue.Wants.Count > 0)
        {
            Replace(queue, entries);
        }

        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Cancel && queue.Wants.TryGetValue(entries[i].Cid, out PeerTask? want))
            {
                Remove(want);
            }
        }

        for (int i = 0; i < entries.Count; i++)
        {
            if (!entries[i].Cancel)
            {
                Add(queue, entries[i], refused);
            }
        }

        if (closesFull)
        {
            CloseFullList(queue);
        }

        server.Replies.Update(queue);
    }

    /// <summary>Answers a want whose block the store has: the peer gets it, or word of it.</summary>
    public void Found(PeerTask want, int size)
    {
        if (!server.Replies.Fits(want, size))
        {
            NotFound(want);
            return;
        }

        Unlist(want);
        want.Size = size;
        MakeReady(want);
        server.Replies.Update(want.Queue);
    }

    /// <summary>Answers a want whose block the store does not have: the peer is told so if it asked to be, and the want waits.</summary>
    public void NotFound(PeerTask want)
    {
        Unlist(want);
        want.Size = PeerTask.NotHere;
        server.Waiting.Add(want);
        if (want.SendDontHave && want.Queue.Peer.KnowsPresence)
        {
            MakeReady(want);
            server.Replies.Update(want.Queue);
        }
        else
        {
            MakeMissing(want);
        }
    }

    public void MakeMissing(PeerTask want)
    {
        want.State = PeerTaskState.Missing;
        want.Since = Context.Now;
        want.Queue.Missing.Append(want);
        server.Reschedule(want.Queue);
        KeepWithin(want);
    }

    public void MakeReady(PeerTask want)
    {
        PeerQueue queue = want.Queue;
        want.State = PeerTaskState.Ready;
        want.QueuedAs = want.Sequence;
        queue.Ready.Enqueue(want, 0, want.Priority, want.Sequence);
        if (!queue.HasWork)
        {
            queue.PendingSince = Context.Now;
        }

        queue.ReadyCount++;
        queue.ReadyBytes += Math.Max(0, want.Size);
        KeepWithin(want);
    }

    /// <summary>Evicts a want that has no place: one that did not count while it was being sent, and could not be, may find its place taken.</summary>
    private void KeepWithin(PeerTask want)
    {
        if (want.Queue.Wants.Count - want.Queue.SendingCount > Context.Options.MaxPeerWants)
        {
            server.Budget.Evict(want);
        }
    }

    /// <summary>Ends a want, whatever became of it.</summary>
    public void Remove(PeerTask want)
    {
        Unlist(want);
        server.Waiting.Remove(want);
        want.State = PeerTaskState.Gone;
        if (want.Queue.Wants.TryGetValue(want.Cid, out PeerTask? held) && held == want)
        {
            want.Queue.Wants.Remove(want.Cid);
            server.Budget.Removed(want);
        }
    }

    public void Clear(PeerQueue queue)
    {
        foreach (PeerTask want in queue.Wants.Values)
        {
            Unlist(want);
            server.Waiting.Remove(want);
            want.State = PeerTaskState.Gone;
        }

        queue.Wants.Clear();
        queue.Unchecked.Clear();
        queue.Evictable.Clear();
        server.Budget.Clear(queue);
    }

    /// <summary>Takes a want out of the list that its stage put it in.</summary>
    public static void Unlist(PeerTask want)
    {
        PeerQueue queue = want.Queue;
        switch (want.State)
        {
            case PeerTaskState.Missing:
                queue.Missing.Remove(want);
                break;
            case PeerTaskState.Ready:
                queue.ReadyCount--;
                queue.ReadyBytes -= Math.Max(0, want.Size);
                if (want.QueuedAs >= 0)
                {
                    want.QueuedAs = -1;
                    queue.Ready.NoteStale();
                }

                break;
        }
    }

    private void Replace(PeerQueue queue, IReadOnlyList<WantlistEntry> entries)
    {
        var kept = new HashSet<Cid>();
        for (int i = 0; i < entries.Count && kept.Count < queue.Wants.Count; i++)
        {
            if (!entries[i].Cancel && queue.Wants.ContainsKey(entries[i].Cid))
            {
                kept.Add(entries[i].Cid);
            }
        }

        foreach ((Cid cid, PeerTask want) in queue.Wants)
        {
            if (!kept.Contains(cid))
            {
                Remove(want);
            }
        }
    }

    /// <summary>Ends a full wantlist that came in parts: what none of its parts named is wanted no more.</summary>
    private void CloseFullList(PeerQueue queue)
    {
        queue.IsFullListOpen = false;
        foreach (PeerTask want in queue.Wants.Values)
        {
            if (want.FullList != queue.FullList)
            {
                Remove(want);
            }
        }
    }

    private void Add(PeerQueue queue, in WantlistEntry entry, IReadOnlySet<Cid>? refused)
    {
        EngineOptions options = Context.Options;
        if (entry.Cid.ByteLength > options.MaxCidLength || entry.Cid.Hash.Code == MultihashCode.Identity)
        {
            Context.Counters.PeerWantsIgnored++;
            return;
        }

        Context.Counters.PeerWantsReceived++;
        bool knowsPresence = queue.Peer.KnowsPresence;
        WantType type = knowsPresence ? entry.Type : WantType.Block;
        if (queue.Wants.TryGetValue(entry.Cid, out PeerTask? want))
        {
            Repeat(want, entry, type);
            return;
        }

        bool denied = options.ClientOnly || refused?.Contains(entry.Cid) == true || (options.PeerFilter is { } filter && !filter(queue.Peer.Id, entry.Cid));
        if (denied)
        {
            Context.Counters.PeerWantsDenied++;
            if (!entry.SendDontHave || !knowsPresence)
            {
                return;
            }
        }

        if (!server.Budget.MakeRoom(queue, entry.Cid, entry.Priority))
        {
            Context.Counters.PeerWantsEvicted++;
            if (entry.SendDontHave)
            {
                server.Budget.Refuse(queue, entry.Cid);
            }

            return;
        }

        want = new PeerTask(entry.Cid, queue, ++_lastSequence)
        {
            Priority = entry.Priority,
            Type = type,
            SendDontHave = entry.SendDontHave,
            Denied = denied,
            FullList = queue.FullList,
            Received = Context.Now,
        };
        queue.Wants.Add(entry.Cid, want);
        server.Budget.Added(want);
        if (denied)
        {
            MakeReady(want);
        }
        else
        {
            server.Waiting.Add(want);
            server.Checks.Add(want);
        }
    }

    private void Repeat(PeerTask want, in WantlistEntry entry, WantType type)
    {
        bool isUpgrade = want.Type == WantType.Have && type == WantType.Block;
        want.FullList = want.Queue.FullList;
        want.SendDontHave |= entry.SendDontHave;
        if (type == WantType.Block)
        {
            // A want for a block includes one for word of it, not the other way round.
            want.Type = WantType.Block;
        }

        switch (want.State)
        {
            case PeerTaskState.Missing:
                // Asked again, it is looked up again: the store may be shared.
                Unlist(want);
                want.SendDontHave = entry.SendDontHave;
                want.Type = type;
                want.Priority = entry.Priority;
                server.Checks.Add(want);
                break;
            case PeerTaskState.Ready when want.Priority != entry.Priority:
                Unlist(want);
                want.Priority = entry.Priority;
                MakeReady(want);
                break;
            default:
                // A block that is being sent is not sent twice. A small one that is sent in the place of word is the exception: a peer that now
                // asks for the block may have let that one go by, and waits for an answer to this.
                want.Priority = entry.Priority;
                want.IsAskedAgain |= isUpgrade && want.IsHandedOut;
                break;
        }
    }
}
