using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>Represents what a peer wants of us, and what is under way to it. As a timer: forgotten wants, starvation, and the upload rate.</summary>
internal sealed class PeerQueue : EngineTimer
{
    public PeerQueue(Peer peer, EngineOptions options)
    {
        Peer = peer;
        Rate = new TokenBucket(options.PeerUploadRate);
        Evictable = new EvictionOrder(this);
    }

    /// <summary>Not readonly: a mutable struct.</summary>
    public TokenBucket Rate;

    public Peer Peer { get; }

    /// <summary>Gets the peer's wantlist.</summary>
    public Dictionary<Cid, PeerTask> Wants { get; } = [];

    /// <summary>Gets those that may have to give way.</summary>
    public EvictionOrder Evictable { get; }

    /// <summary>Counts the full wantlists that came in parts, and marks the wants that the latest named.</summary>
    public int FullList { get; set; }

    /// <summary>Gets whether parts of a full wantlist are to come.</summary>
    public bool IsFullListOpen { get; set; }

    /// <summary>Gets the bytes that its wants and refusals take, as <see cref="WantBudget"/> reckons.</summary>
    public long WantBytes { get; set; }

    /// <summary>Gets the wants that gave way, and of which the peer is to be told so.</summary>
    public Queue<Cid> Refused { get; } = new();

    /// <summary>Gets whether there is something to tell or to send.</summary>
    public bool HasWork => ReadyCount > 0 || Refused.Count > 0;

    /// <summary>Gets the wants to be checked; those that are no longer may be among them.</summary>
    public Queue<PeerTask> Unchecked { get; set; } = new();

    public bool AwaitsCheck { get; set; }

    /// <summary>Gets the answers to be given.</summary>
    public LazyPriorityQueue<PeerTask> Ready { get; } = new();

    public int ReadyCount { get; set; }

    /// <summary>Gets the bytes of the blocks among them.</summary>
    public long ReadyBytes { get; set; }

    /// <summary>Gets the wants whose block is not here.</summary>
    public IntrusiveList<PeerTask> Missing { get; } = new();

    /// <summary>Gets the replies whose blocks are being read or which wait for those before them, in order.</summary>
    public Queue<Envelope> Envelopes { get; } = new();

    public Dictionary<long, Envelope> InFlight { get; } = [];

    /// <summary>Gets the bytes being read: taken out of the queue, and not in a message yet.</summary>
    public long LoadingBytes { get; set; }

    /// <summary>Gets the number of wants whose block is being read or sent.</summary>
    public int SendingCount { get; set; }

    /// <summary>Gets the bytes being read or sent.</summary>
    public long OutstandingBytes { get; set; }

    /// <summary>Gets whether something is queued for the peer or under way to it.</summary>
    public bool IsActive { get; set; }

    /// <summary>Gets whether blocks are queued for the peer or under way to it.</summary>
    public bool TakesBlocks { get; set; }

    public int Failures { get; set; }

    /// <summary>Gets whether the peer was never served, or is waiting too long: goes before others.</summary>
    public bool IsUrgent { get; set; } = true;

    /// <summary>Gets since when work waits that nothing was taken of.</summary>
    public TimeSpan PendingSince { get; set; }

    public long ServedTurn { get; set; }

    public int HeapSlot { get; set; } = -1;
}

/// <summary>Represents a reply on its way: its blocks are read, then it is sent in its turn.</summary>
internal sealed class Envelope(PeerQueue queue)
{
    public PeerQueue Queue => queue;

    public List<PeerTask> Wants { get; } = [];

    public List<BlockPresence> Presences { get; } = [];

    /// <summary>Gets what the store gave; null until it did, or when there are no blocks.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>?>? Data { get; set; }

    public bool IsLoaded => Wants.Count == 0 || Data is not null;

    /// <summary>Gets when its message was handed out.</summary>
    public TimeSpan HandedOut { get; set; }

    /// <summary>Gets what it counts for in <see cref="PeerQueue.OutstandingBytes"/>.</summary>
    public long Bytes { get; set; }
}
