namespace Bitswap.Protocol;

/// <summary>What an engine has counted since it was made, and how much it holds now.</summary>
public sealed record EngineStat
{
    /// <summary>Messages handed out to be sent.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Messages that the host reported as not sent.</summary>
    public long MessagesFailed { get; init; }

    /// <summary>Messages received.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Wanted blocks received.</summary>
    public long BlocksReceived { get; init; }

    /// <summary>Bytes of wanted blocks received.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Blocks received again after they had come.</summary>
    public long DuplicateBlocks { get; init; }

    /// <summary>Bytes of blocks received again.</summary>
    public long DuplicateBytes { get; init; }

    /// <summary>Blocks received that nobody wanted.</summary>
    public long UnwantedBlocks { get; init; }

    /// <summary>Bytes of blocks that nobody wanted.</summary>
    public long UnwantedBytes { get; init; }

    /// <summary>Blocks sent, as the host reported.</summary>
    public long BlocksSent { get; init; }

    /// <summary>Bytes of blocks sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>HAVEs sent.</summary>
    public long HavesSent { get; init; }

    /// <summary>DONT_HAVEs sent.</summary>
    public long DontHavesSent { get; init; }

    /// <summary>HAVEs received for open wants.</summary>
    public long HavesReceived { get; init; }

    /// <summary>DONT_HAVEs received for open wants.</summary>
    public long DontHavesReceived { get; init; }

    /// <summary>Times that silence was taken for DONT_HAVE.</summary>
    public long SimulatedDontHaves { get; init; }

    /// <summary>Wantlist entries sent that ask.</summary>
    public long WantsSent { get; init; }

    /// <summary>Of those, repetitions.</summary>
    public long WantsResent { get; init; }

    /// <summary>Wants that were taken from a slow peer and asked of a quick one at the end of a batch.</summary>
    public long WantsMoved { get; init; }

    /// <summary>Wantlist entries sent that withdraw.</summary>
    public long CancelsSent { get; init; }

    /// <summary>Wants of callers that got what they wanted.</summary>
    public long WantsSatisfied { get; init; }

    /// <summary>Wants of callers that ended with <see cref="WantEndReason.NotFound"/>.</summary>
    public long WantsNotFound { get; init; }

    /// <summary>Wants of callers that ended with <see cref="WantEndReason.Timeout"/>.</summary>
    public long WantsTimedOut { get; init; }

    /// <summary>Provider searches asked for.</summary>
    public long ProviderSearches { get; init; }

    /// <summary>Lost peers that were to be dialled again.</summary>
    public long Redials { get; init; }

    /// <summary>Messages handed out with a wantlist.</summary>
    public long WantlistsSent { get; init; }

    /// <summary>Messages received with a wantlist.</summary>
    public long WantlistsReceived { get; init; }

    /// <summary>Wants received from peers.</summary>
    public long PeerWantsReceived { get; init; }

    /// <summary>Wants of peers ignored for their CID: too long, or identity.</summary>
    public long PeerWantsIgnored { get; init; }

    /// <summary>Wants of peers given up because their list was full.</summary>
    public long PeerWantsEvicted { get; init; }

    /// <summary>Wants of peers given up because they were not repeated.</summary>
    public long PeerWantsExpired { get; init; }

    /// <summary>Wants of peers that may not have the block.</summary>
    public long PeerWantsDenied { get; init; }

    /// <summary>Connected peers, now.</summary>
    public int Peers { get; init; }

    /// <summary>Blocks wanted, now.</summary>
    public int Wants { get; init; }

    /// <summary>Interests of callers in them, now.</summary>
    public int Interests { get; init; }

    /// <summary>Wants of all peers, now.</summary>
    public int PeerWants { get; init; }

    /// <summary>Answers to peers that are queued, now.</summary>
    public int QueuedReplies { get; init; }

    /// <summary>Blocks for peers that are being read or sent, now.</summary>
    public int ActiveReplies { get; init; }

    /// <summary>Bytes of blocks queued, being read or being sent, now.</summary>
    public long PendingBytes { get; init; }

    /// <summary>Peers that something is queued for or under way to, now.</summary>
    public int ActivePeers { get; init; }

    /// <summary>Wants that peers were told of and have not answered, or answered without the block, now: entries in their lists, one for each peer.</summary>
    public int OutstandingWants { get; init; }

    /// <summary>Of the blocks wanted, those that a peer is being asked for, now.</summary>
    public int AskedBlocks { get; init; }

    /// <summary>Wantlist entries that are to be sent, now.</summary>
    public int QueuedWants { get; init; }

    /// <summary>Wants that all peers are asked about, now.</summary>
    public int BroadcastWants { get; init; }

    /// <summary>Wants that nobody is left to be asked for, now.</summary>
    public int ParkedWants { get; init; }

    /// <summary>Sessions with open wants, now.</summary>
    public int Sessions { get; init; }

    /// <summary>Messages handed out and not yet reported sent, now.</summary>
    public int MessagesInFlight { get; init; }

    /// <summary>Requests that the store has not answered, now.</summary>
    public int StoreRequests { get; init; }

    /// <summary>CIDs that the store is yet to be asked about, for this node or for peers, now.</summary>
    public int QueuedLookups { get; init; }

    /// <summary>Bytes of received blocks that the store has not confirmed, now.</summary>
    public long StoringBytes { get; init; }

    /// <summary>Seconds from a want to its block, kept by the store; blocks that peers sent alone, one value for all callers of a block.</summary>
    public Distribution WantLatency { get; init; } = Distribution.Empty;

    /// <summary>Seconds from when a peer was told a want to its answer: the block, HAVE or DONT_HAVE.</summary>
    public Distribution AnswerLatency { get; init; } = Distribution.Empty;

    /// <summary>Seconds that messages took to be sent.</summary>
    public Distribution SendTimes { get; init; } = Distribution.Empty;

    /// <summary>Bytes of each block received, wanted or not.</summary>
    public Distribution ReceivedBlockSizes { get; init; } = Distribution.Empty;

    /// <summary>Bytes of each block received again.</summary>
    public Distribution DuplicateBlockSizes { get; init; } = Distribution.Empty;

    /// <summary>Bytes of each block sent.</summary>
    public Distribution SentBlockSizes { get; init; } = Distribution.Empty;
}
