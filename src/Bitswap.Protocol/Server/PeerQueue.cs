using System.Diagnostics.CodeAnalysis;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Represents what a peer wants of us, and what is under way to it. It owns the lists that its tasks are in: a task moves from one to another by the methods below alone, which keep the
/// counts in step. As a timer: forgotten wants, starvation, and the upload rate.
/// </summary>
internal sealed class PeerQueue : EngineTimer
{
    private const int SpareUnchecked = 64;

    private readonly WantBudget _budget;
    private readonly Dictionary<Cid, PeerTask> _wants = [];
    private readonly LazyPriorityQueue<PeerTask> _ready = new();
    private readonly IntrusiveList<PeerTask> _missing = new();
    private readonly Queue<Cid> _refused = new();
    private readonly Queue<Envelope> _loading = new();
    private readonly Dictionary<long, Envelope> _inFlight = [];
    private readonly EvictionOrder _evictable;
    private Queue<PeerTask> _unchecked = new();
    private TokenBucket _rate; // not readonly: a mutable struct

    public PeerQueue(Peer peer, EngineOptions options, WantBudget budget)
    {
        Peer = peer;
        _budget = budget;
        _rate = new TokenBucket(options.PeerUploadRate);
        _evictable = new EvictionOrder(_wants);
    }

    public Peer Peer { get; }

    /// <summary>Gets the peer's wantlist. Tasks may be removed while it is enumerated.</summary>
    public IReadOnlyDictionary<Cid, PeerTask> Wants => _wants;

    /// <summary>Gets how many wants count against the bound: what is being sent does not, since the peer may have it, and ask for more, before we hear that it was sent.</summary>
    public int BoundedCount => _wants.Count - SendingCount;

    /// <summary>Counts the full wantlists that came in parts, and marks the wants that the latest named.</summary>
    public int FullList { get; private set; }

    /// <summary>Gets whether parts of a full wantlist are to come.</summary>
    public bool IsFullListOpen { get; private set; }

    /// <summary>Gets the bytes that its wants and refusals take, as <see cref="WantBudget"/> reckons.</summary>
    public long WantBytes { get; private set; }

    /// <summary>Gets the wants that gave way, and of which the peer is to be told so.</summary>
    public IReadOnlyCollection<Cid> Refused => _refused;

    /// <summary>Gets whether there is something to tell or to send.</summary>
    public bool HasWork => ReadyCount > 0 || _refused.Count > 0;

    /// <summary>Gets how many wants are to be checked; those that are no longer may be among them.</summary>
    public int UncheckedCount => _unchecked.Count;

    /// <summary>Gets the number of answers to be given.</summary>
    public int ReadyCount { get; private set; }

    /// <summary>Gets the places that the queue of answers takes, those that were left included.</summary>
    public int RawReadyCount => _ready.RawCount;

    /// <summary>Gets the bytes of the blocks among the answers.</summary>
    public long ReadyBytes { get; private set; }

    public int MissingCount => _missing.Count;

    /// <summary>Gets the want that waits longest for a block that is not here.</summary>
    public PeerTask? OldestMissing => _missing.First;

    /// <summary>Gets the places that the order of eviction takes, those that were left included.</summary>
    public int RawEvictableCount => _evictable.RawCount;

    /// <summary>Gets the replies whose blocks are being read or which wait for those before them, in order.</summary>
    public IReadOnlyCollection<Envelope> Loading => _loading;

    /// <summary>Gets the replies that are handed out, by their message.</summary>
    public IReadOnlyDictionary<long, Envelope> InFlight => _inFlight;

    /// <summary>Gets the bytes being read: taken out of the queue, and not in a message yet.</summary>
    public long LoadingBytes { get; private set; }

    /// <summary>Gets the number of wants whose block is being read or sent.</summary>
    public int SendingCount { get; private set; }

    /// <summary>Gets the bytes being read or sent.</summary>
    public long OutstandingBytes { get; private set; }

    /// <summary>Gets whether something is queued for the peer or under way to it.</summary>
    public bool IsActive => Peer.IsConnected && (HasWork || OutstandingBytes > 0);

    /// <summary>Gets whether blocks are queued for the peer or under way to it.</summary>
    public bool TakesBlocks => Peer.IsConnected && (ReadyBytes > 0 || SendingCount > 0);

    /// <summary>Gets how many replies in a row could not be sent.</summary>
    public int Failures { get; private set; }

    /// <summary>Gets whether the peer was never served, or is waiting too long: goes before others.</summary>
    public bool IsUrgent { get; private set; } = true;

    /// <summary>Gets since when work waits that nothing was taken of.</summary>
    public TimeSpan PendingSince { get; private set; }

    /// <summary>Gets the turn in which it was served last.</summary>
    public long ServedTurn { get; private set; }

    /// <summary>Gets whether the upload rate of the peer allows a reply, as of when it was refilled.</summary>
    public bool MaySend => _rate.MaySpend;

    /// <summary>Gets its place in the order of turns; kept by <see cref="PeerTaskQueue"/>.</summary>
    public int HeapSlot { get; internal set; } = -1;

    /// <summary>Begins a full wantlist that comes in parts.</summary>
    public void OpenFullList()
    {
        IsFullListOpen = true;
        FullList++;
    }

    public void CloseFullList() => IsFullListOpen = false;

    public void Add(PeerTask task)
    {
        _wants.Add(task.Cid, task);
        Charge(WantBudget.CostOf(task.Cid));
    }

    /// <summary>Removes a task, whatever became of it.</summary>
    public void Remove(PeerTask task)
    {
        Leave(task);
        task.ToGone();
        if (_wants.TryGetValue(task.Cid, out PeerTask? held) && held == task)
        {
            _wants.Remove(task.Cid);
            Charge(-WantBudget.CostOf(task.Cid));
            _evictable.Trim();
        }
    }

    /// <summary>Makes a task wait for word from the store. Returns whether it is the only one that does.</summary>
    public bool ToUnchecked(PeerTask task)
    {
        Leave(task);
        task.ToUnchecked();
        _evictable.Note(task);
        _unchecked.Enqueue(task);
        if (_unchecked.Count == 1)
        {
            return true;
        }

        if (_unchecked.Count > (2 * _wants.Count) + SpareUnchecked)
        {
            // Wants and cancels in quick succession leave withdrawn ones behind.
            _unchecked = new Queue<PeerTask>(_unchecked.Where(static held => held.State == PeerTaskState.Unchecked).Distinct());
        }

        return false;
    }

    /// <summary>Takes out the next task of which the store is to be asked.</summary>
    public bool TryTakeUnchecked([NotNullWhen(true)] out PeerTask? task)
    {
        while (_unchecked.TryDequeue(out task))
        {
            if (task.State == PeerTaskState.Unchecked)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes a task wait for a block that is not here.</summary>
    public void ToMissing(PeerTask task, TimeSpan now)
    {
        Leave(task);
        task.ToMissing(now);
        _missing.Append(task);
    }

    /// <summary>Queues an answer: the block of so many bytes or word of it, or that it is not here.</summary>
    public void ToReady(PeerTask task, int size, TimeSpan now)
    {
        Leave(task);
        task.ToReady(size);
        _evictable.Note(task);
        _ready.Enqueue(task, 0, task.Priority, task.Sequence);
        NoteWork(now);
        ReadyCount++;
        ReadyBytes += Math.Max(0, size);
    }

    /// <summary>Returns the answer to be given next: of the highest priority, and there of a block that went to the fewest peers.</summary>
    public bool TryPeekReady(SentCopies copies, [NotNullWhen(true)] out PeerTask? task)
    {
        while (_ready.TryPeek(out task))
        {
            int now = task.Size >= 0 ? copies.Of(task.Cid.Hash) : 0;
            if (now <= task.QueuedCopies)
            {
                return true;
            }

            _ready.Pop();
            task.QueueBehind(now);
            _ready.Enqueue(task, 0, task.Priority, task.QueuedAs);
        }

        return false;
    }

    /// <summary>Takes out what <see cref="TryPeekReady"/> just showed: its answer goes into a reply.</summary>
    public void ToSending(PeerTask task)
    {
        _ready.Pop();
        task.Unqueue(); // popped, so that it is not counted as left behind
        Leave(task);
        task.ToSending();
        SendingCount++;
    }

    /// <summary>Returns the want that gives way first of those whose block is here or unchecked.</summary>
    public bool TryPeekEvictable([NotNullWhen(true)] out PeerTask? task) => _evictable.TryPeek(out task);

    /// <summary>Queues word that a block is not here for the peer, though nothing is kept of its want.</summary>
    public void Refuse(Cid cid, TimeSpan now)
    {
        NoteWork(now);
        _refused.Enqueue(cid);
        Charge(WantBudget.CostOfRefusal(cid));
    }

    public bool TryTakeRefused([NotNullWhen(true)] out Cid? cid)
    {
        bool any = _refused.TryDequeue(out cid);
        if (any)
        {
            Charge(-WantBudget.CostOfRefusal(cid!));
        }

        return any;
    }

    /// <summary>Notes that a reply was made of what was queued.</summary>
    public void Taken(Envelope envelope, long turn, TimeSpan now)
    {
        OutstandingBytes += envelope.Bytes;
        IsUrgent = false;
        PendingSince = now;
        ServedTurn = turn;
        _rate.Spend(envelope.Bytes);
    }

    /// <summary>Notes that the blocks of a reply are being read.</summary>
    public void Load(Envelope envelope)
    {
        LoadingBytes += envelope.Bytes;
        _loading.Enqueue(envelope);
    }

    /// <summary>Takes out the next reply in order when its blocks are read.</summary>
    public bool TryTakeLoaded([NotNullWhen(true)] out Envelope? envelope)
    {
        if (!_loading.TryPeek(out envelope) || !envelope.IsLoaded)
        {
            return false;
        }

        _loading.Dequeue();
        LoadingBytes -= envelope.Bytes;
        return true;
    }

    public void HandOut(Envelope envelope, long messageId, TimeSpan now)
    {
        _inFlight.Add(messageId, envelope);
        envelope.HandedOut(now);
    }

    /// <summary>Notes that a reply came to nothing: all that it was for was withdrawn.</summary>
    public void Discard(Envelope envelope) => OutstandingBytes -= envelope.Bytes;

    /// <summary>Takes back a reply that was sent or not; false when the message is none.</summary>
    public bool TryTakeSent(long messageId, bool ok, [NotNullWhen(true)] out Envelope? envelope)
    {
        if (!_inFlight.Remove(messageId, out envelope))
        {
            return false;
        }

        OutstandingBytes -= envelope.Bytes;
        Failures = ok ? 0 : Failures + 1;
        return true;
    }

    /// <summary>Returns when work has waited for so long that the peer goes before others; null when none waits, or the peer goes before others already.</summary>
    public TimeSpan? StarvesAt(TimeSpan limit) => HasWork && !IsUrgent ? PendingSince + limit : null;

    /// <summary>Makes the peer go before others.</summary>
    public void Hurry() => IsUrgent = true;

    public void ChangeRate(long bytesPerSecond) => _rate = new TokenBucket(bytesPerSecond);

    public void RefillRate(TimeSpan now) => _rate.Fill(now);

    /// <summary>Returns when the upload rate of the peer allows a reply.</summary>
    public TimeSpan MaySendAt(TimeSpan now) => _rate.Ready(now);

    /// <summary>Forgets all wants and replies: the peer is gone.</summary>
    public void Clear()
    {
        foreach (PeerTask task in _wants.Values)
        {
            Leave(task);
            task.ToGone();
        }

        _wants.Clear();
        _unchecked.Clear();
        _evictable.Clear();
        _refused.Clear();
        _ready.Clear();
        _loading.Clear();
        _inFlight.Clear();
        Charge(-WantBytes);
    }

    /// <summary>Takes a task out of the list that its state put it in.</summary>
    private void Leave(PeerTask task)
    {
        switch (task.State)
        {
            case PeerTaskState.Missing:
                _missing.Remove(task);
                break;
            case PeerTaskState.Ready:
                ReadyCount--;
                ReadyBytes -= Math.Max(0, task.Size);
                if (task.QueuedAs >= 0)
                {
                    task.Unqueue();
                    _ready.NoteStale();
                }

                break;
            case PeerTaskState.Sending:
                SendingCount--;
                break;
        }
    }

    private void NoteWork(TimeSpan now)
    {
        if (!HasWork)
        {
            PendingSince = now;
        }
    }

    private void Charge(long bytes)
    {
        WantBytes += bytes;
        _budget.Charge(bytes);
    }
}
