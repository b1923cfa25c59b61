using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>What a peer wants of us, and what is under way to it. As a timer: forgotten wants, starvation, and the upload rate.</summary>
internal sealed class PeerQueue : EngineTimer
{
    private readonly ServerSide _server;

    public PeerQueue(Peer peer, ServerSide server)
    {
        _server = server;
        Peer = peer;
        Rate = new TokenBucket(server.Context.Options.PeerUploadRate);
        Weakest = new WeakestWants(this);
    }

    /// <summary>Not readonly: a mutable struct.</summary>
    public TokenBucket Rate;

    public Peer Peer { get; }

    /// <summary>The peer's wantlist.</summary>
    public Dictionary<Cid, ServedWant> Wants { get; } = [];

    /// <summary>Those that may have to give way.</summary>
    public WeakestWants Weakest { get; }

    /// <summary>Counts the full wantlists that came in parts, and marks the wants that the latest named.</summary>
    public int FullList { get; set; }

    /// <summary>Parts of a full wantlist are to come.</summary>
    public bool IsFullListOpen { get; set; }

    /// <summary>Bytes that its wants and refusals take, as <see cref="WantBudget"/> reckons.</summary>
    public long WantBytes { get; set; }

    /// <summary>Wants that gave way, and of which the peer is to be told so.</summary>
    public Queue<Cid> Refused { get; } = new();

    /// <summary>There is something to tell or to send.</summary>
    public bool HasWork => ReadyCount > 0 || Refused.Count > 0;

    /// <summary>Wants to be checked; those that are no longer may be among them.</summary>
    public Queue<ServedWant> Unchecked { get; set; } = new();

    public bool AwaitsCheck { get; set; }

    /// <summary>Answers to be given.</summary>
    public LazyHeap<ServedWant> Ready { get; } = new();

    public int ReadyCount { get; set; }

    /// <summary>Bytes of the blocks among them.</summary>
    public long ReadyBytes { get; set; }

    /// <summary>Wants whose block is not here.</summary>
    public Chain<ServedWant> Missing { get; } = new();

    /// <summary>Replies whose blocks are being read or which wait for those before them, in order.</summary>
    public Queue<Envelope> Envelopes { get; } = new();

    public Dictionary<long, Envelope> InFlight { get; } = [];

    /// <summary>Bytes being read: taken out of the queue, and not in a message yet.</summary>
    public long LoadingBytes { get; set; }

    /// <summary>Wants whose block is being read or sent.</summary>
    public int SendingCount { get; set; }

    /// <summary>Bytes being read or sent.</summary>
    public long OutstandingBytes { get; set; }

    /// <summary>Something is queued for the peer or under way to it.</summary>
    public bool IsActive { get; set; }

    /// <summary>Blocks are queued for the peer or under way to it.</summary>
    public bool TakesBlocks { get; set; }

    public int Failures { get; set; }

    /// <summary>Never served, or waiting too long: goes before others.</summary>
    public bool IsUrgent { get; set; } = true;

    /// <summary>Since when work waits that nothing was taken of.</summary>
    public TimeSpan PendingSince { get; set; }

    public long ServedTurn { get; set; }

    public int HeapSlot { get; set; } = -1;

    internal override void Fire(TimeSpan now) => _server.QueueFired(this);
}
