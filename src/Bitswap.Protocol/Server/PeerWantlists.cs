using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Keeps what peers want, and says what happens next to a want, a method for each event: it is named, the store is asked, the block comes or goes, word of it is given, its reply is sent
/// or not, it grows too old or gives way.
/// </summary>
internal sealed class PeerWantlists
{
    private readonly EngineContext _context;
    private readonly PeerTurns _turns;
    private long _lastSequence;

    public PeerWantlists(EngineContext context, IReadOnlyList<PeerQueue> peers, PeerTurns turns)
    {
        _context = context;
        _turns = turns;
        Budget = new WantBudget(context, peers, Evict);
        Checks = new StoreChecks(context, Checked);
    }

    /// <summary>Gets the wants that wait for a block.</summary>
    public WaitingIndex Waiting { get; } = new();

    public WantBudget Budget { get; }

    public StoreChecks Checks { get; }

    /// <summary>Takes in a wantlist; a full one replaces what the peer wanted before.</summary>
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

        _context.Counters.WantlistsReceived += message.IsContinuation ? 0 : 1;
        if (message is { Full: true, IsContinued: true })
        {
            queue.OpenFullList();
        }
        else if (message.Full && queue.Wants.Count > 0)
        {
            Replace(queue, entries);
        }

        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Cancel && queue.Wants.TryGetValue(entries[i].Cid, out PeerTask? task))
            {
                Remove(task);
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

        _turns.Update(queue);
    }

    /// <summary>Answers all that wait for a block that came into the store.</summary>
    public void BlockCame(in Multihash hash, int size)
    {
        PeerTask? next;
        for (PeerTask? task = Waiting.First(hash); task is not null; task = next)
        {
            next = task.NextSame;
            Waiting.Remove(task);
            Found(task, size);
        }
    }

    /// <summary>Notes that the block of a task went from the store before it was sent. Returns whether the peer is to be told so, in the reply that was to carry it; else the want waits.</summary>
    public bool BlockVanished(PeerTask task)
    {
        task.BlockVanished();
        Waiting.Add(task);
        if (IsToldOfAbsence(task))
        {
            return true;
        }

        Wait(task);
        return false;
    }

    /// <summary>Notes that word of a block went into a reply: after HAVE the want is over, after DONT_HAVE it waits for the block unless the peer may not have that.</summary>
    public void Told(PeerTask task)
    {
        if (task.Size >= 0 || task.IsDenied)
        {
            Remove(task);
        }
        else
        {
            Wait(task);
        }
    }

    /// <summary>Notes that a reply with the block was sent or could not be. A want that was withdrawn meanwhile is over already.</summary>
    public void Sent(PeerTask task, bool ok)
    {
        if (task.State != PeerTaskState.Sending)
        {
            return;
        }

        bool wasAskedAgain = task.Delivered(ok);
        if (ok && wasAskedAgain)
        {
            Checks.Add(task);
        }
        else if (ok || task.Failures >= _context.Options.MaxSendAttempts)
        {
            Remove(task);
        }
        else
        {
            Answer(task, task.Size);
        }
    }

    /// <summary>Forgets the wants of a peer that waited too long for a block that is not here.</summary>
    public void Expire(PeerQueue queue)
    {
        while (queue.OldestMissing is { } oldest && oldest.Since + _context.Options.PeerWantExpiry <= _context.Now)
        {
            _context.Counters.PeerWantsExpired++;
            Remove(oldest);
        }
    }

    /// <summary>Forgets all wants of a peer that is gone.</summary>
    public void PeerLeft(PeerQueue queue)
    {
        foreach (PeerTask task in queue.Wants.Values)
        {
            Waiting.Remove(task);
        }

        queue.Clear();
    }

    private void Checked(PeerTask task, int size)
    {
        if (size >= 0)
        {
            Waiting.Remove(task);
            Found(task, size);
        }
        else
        {
            NotFound(task);
        }
    }

    /// <summary>Answers a want whose block the store has, unless no message can hold it: the peer gets it, or word of it.</summary>
    private void Found(PeerTask task, int size)
    {
        if (size > BlockRule.MaxSize(task.Cid, _context.Options.MaxMessageSize))
        {
            NotFound(task);
            return;
        }

        Answer(task, size);
        _turns.Update(task.Queue);
    }

    /// <summary>Answers a want whose block the store does not have: the peer is told so if it asked to be, and the want waits.</summary>
    private void NotFound(PeerTask task)
    {
        Waiting.Add(task);
        if (IsToldOfAbsence(task))
        {
            Answer(task, PeerTask.NotHere);
            _turns.Update(task.Queue);
        }
        else
        {
            Wait(task);
        }
    }

    private static bool IsToldOfAbsence(PeerTask task) => task.SendDontHave && task.Queue.Peer.KnowsPresence;

    private void Answer(PeerTask task, int size)
    {
        task.Queue.ToReady(task, size, _context.Now);
        KeepWithin(task);
    }

    private void Wait(PeerTask task)
    {
        task.Queue.ToMissing(task, _context.Now);
        _turns.Schedule(task.Queue);
        KeepWithin(task);
    }

    private void Remove(PeerTask task)
    {
        Waiting.Remove(task);
        task.Queue.Remove(task);
    }

    private void KeepWithin(PeerTask task)
    {
        if (Budget.IsExceeded(task.Queue))
        {
            Evict(task);
        }
    }

    private void Evict(PeerTask task)
    {
        _context.Counters.PeerWantsEvicted++;

        // Of a missing one the peer was told, when it was found missing.
        bool isToTell = task.SendDontHave && task.State != PeerTaskState.Missing;
        Remove(task);
        if (isToTell)
        {
            Refuse(task.Queue, task.Cid);
        }

        _turns.Update(task.Queue);
    }

    /// <summary>Has a peer told that a block is not here for it. What there is no room for is not told, and the peer asks again.</summary>
    private void Refuse(PeerQueue queue, Cid cid)
    {
        if (queue.Peer.KnowsPresence && Budget.HasRoomToRefuse(cid))
        {
            queue.Refuse(cid, _context.Now);
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

        foreach ((Cid cid, PeerTask task) in queue.Wants)
        {
            if (!kept.Contains(cid))
            {
                Remove(task);
            }
        }
    }

    /// <summary>Ends a full wantlist that came in parts: what none of its parts named is wanted no more.</summary>
    private void CloseFullList(PeerQueue queue)
    {
        queue.CloseFullList();
        foreach (PeerTask task in queue.Wants.Values)
        {
            if (task.FullList != queue.FullList)
            {
                Remove(task);
            }
        }
    }

    private void Add(PeerQueue queue, in WantlistEntry entry, IReadOnlySet<Cid>? refused)
    {
        EngineOptions options = _context.Options;
        if (entry.Cid.ByteLength > options.MaxCidLength || entry.Cid.Hash.Code == MultihashCode.Identity)
        {
            _context.Counters.PeerWantsIgnored++;
            return;
        }

        _context.Counters.PeerWantsReceived++;
        bool knowsPresence = queue.Peer.KnowsPresence;
        WantType type = knowsPresence ? entry.Type : WantType.Block;
        if (queue.Wants.TryGetValue(entry.Cid, out PeerTask? task))
        {
            Repeat(task, entry, type);
            return;
        }

        bool denied = options.ClientOnly || refused?.Contains(entry.Cid) == true || (options.PeerFilter is { } filter && !filter(queue.Peer.Id, entry.Cid));
        if (denied)
        {
            _context.Counters.PeerWantsDenied++;
            if (!entry.SendDontHave || !knowsPresence)
            {
                return;
            }
        }

        if (!Budget.MakeRoom(queue, entry.Cid, entry.Priority))
        {
            _context.Counters.PeerWantsEvicted++;
            if (entry.SendDontHave)
            {
                Refuse(queue, entry.Cid);
            }

            return;
        }

        task = new PeerTask(queue, ++_lastSequence, entry, type, denied, _context.Now);
        queue.Add(task);
        if (denied)
        {
            Answer(task, PeerTask.NotHere);
        }
        else
        {
            Waiting.Add(task);
            Checks.Add(task);
        }
    }

    private void Repeat(PeerTask task, in WantlistEntry entry, WantType type)
    {
        if (task.State == PeerTaskState.Missing)
        {
            // Asked again, it is looked up again: the store may be shared.
            task.AskedAnew(entry, type);
            Checks.Add(task);
            return;
        }

        bool isReordered = task.State == PeerTaskState.Ready && task.Priority != entry.Priority;
        task.NamedAgain(entry, type);
        if (isReordered)
        {
            Answer(task, task.Size);
        }
    }
}
