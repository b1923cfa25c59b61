using Bitswap.Protocol.Client;

namespace Bitswap.Protocol.Abstractions;

/// <summary>Represents what an engine counts since it was made: the one list of the counters.</summary>
public record EngineCounters
{
    /// <summary>Gets the number of messages handed out to be sent.</summary>
    public long MessagesSent { get; internal set; }

    /// <summary>Gets the number of messages that the host reported as not sent.</summary>
    public long MessagesFailed { get; internal set; }

    /// <summary>Gets the number of messages received.</summary>
    public long MessagesReceived { get; internal set; }

    /// <summary>Gets the number of wanted blocks received.</summary>
    public long BlocksReceived { get; internal set; }

    /// <summary>Gets the bytes of wanted blocks received.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Gets the number of blocks received again after they had come.</summary>
    public long DuplicateBlocks { get; internal set; }

    /// <summary>Gets the bytes of blocks received again.</summary>
    public long DuplicateBytes { get; internal set; }

    /// <summary>Gets the number of blocks received that were not wanted.</summary>
    public long UnwantedBlocks { get; internal set; }

    /// <summary>Gets the bytes of blocks that were not wanted.</summary>
    public long UnwantedBytes { get; internal set; }

    /// <summary>Gets the number of blocks sent, as the host reported.</summary>
    public long BlocksSent { get; internal set; }

    /// <summary>Gets the bytes of blocks sent.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>Gets the number of HAVEs sent.</summary>
    public long HavesSent { get; internal set; }

    /// <summary>Gets the number of DONT_HAVEs sent.</summary>
    public long DontHavesSent { get; internal set; }

    /// <summary>Gets the number of HAVEs received for open wants.</summary>
    public long HavesReceived { get; internal set; }

    /// <summary>Gets the number of DONT_HAVEs received for open wants.</summary>
    public long DontHavesReceived { get; internal set; }

    /// <summary>Gets the number of times that silence was taken for DONT_HAVE.</summary>
    public long SimulatedDontHaves { get; internal set; }

    /// <summary>Gets the number of wantlist entries sent that ask.</summary>
    public long WantsSent { get; internal set; }

    /// <summary>Gets the number of those that were repetitions.</summary>
    public long WantsResent { get; internal set; }

    /// <summary>Gets the number of wants that were taken from a slow peer and asked of a quick one at the end of a batch.</summary>
    public long WantsMoved { get; internal set; }

    /// <summary>Gets the number of wantlist entries sent that withdraw.</summary>
    public long CancelsSent { get; internal set; }

    /// <summary>Gets the number of wants of callers that got what they wanted.</summary>
    public long WantsSatisfied { get; internal set; }

    /// <summary>Gets the number of wants of callers that ended with <see cref="WantEndReason.NotFound"/>.</summary>
    public long WantsNotFound { get; internal set; }

    /// <summary>Gets the number of wants of callers that ended with <see cref="WantEndReason.Timeout"/>.</summary>
    public long WantsTimedOut { get; internal set; }

    /// <summary>Gets the number of provider searches asked for.</summary>
    public long ProviderSearches { get; internal set; }

    /// <summary>Gets the number of lost peers that were to be dialled again.</summary>
    public long Redials { get; internal set; }

    /// <summary>Gets the number of messages handed out with a wantlist.</summary>
    public long WantlistsSent { get; internal set; }

    /// <summary>Gets the number of messages received with a wantlist.</summary>
    public long WantlistsReceived { get; internal set; }

    /// <summary>Gets the number of wants received from peers.</summary>
    public long PeerWantsReceived { get; internal set; }

    /// <summary>Gets the number of wants of peers ignored for their CID: too long, or identity.</summary>
    public long PeerWantsIgnored { get; internal set; }

    /// <summary>Gets the number of wants of peers given up because their list was full.</summary>
    public long PeerWantsEvicted { get; internal set; }

    /// <summary>Gets the number of wants of peers given up because they were not repeated.</summary>
    public long PeerWantsExpired { get; internal set; }

    /// <summary>Gets the number of wants of peers that may not have the block.</summary>
    public long PeerWantsDenied { get; internal set; }
}

/// <summary>Represents what an engine has counted, and how much it holds now.</summary>
public sealed record EngineStat : EngineCounters
{
    internal EngineStat(EngineCounters counted)
        : base(counted)
    {
    }

    /// <summary>Gets the number of connected peers, now.</summary>
    public int Peers { get; init; }

    /// <summary>Gets the number of blocks wanted, now.</summary>
    public int Wants { get; init; }

    /// <summary>Gets the number of wants of callers for them, now.</summary>
    public int Subscriptions { get; init; }

    /// <summary>Gets the number of wants of all peers, now.</summary>
    public int PeerWants { get; init; }

    /// <summary>Gets the number of answers to peers that are queued, now.</summary>
    public int QueuedReplies { get; init; }

    /// <summary>Gets the number of blocks for peers that are being read or sent, now.</summary>
    public int ActiveReplies { get; init; }

    /// <summary>Gets the bytes of blocks queued, being read or being sent, now.</summary>
    public long PendingBytes { get; init; }

    /// <summary>Gets the number of peers that something is queued for or under way to, now.</summary>
    public int ActivePeers { get; init; }

    /// <summary>Gets the number of wants that peers were told of and have not answered, or answered without the block, now: entries in their lists, one for each peer.</summary>
    public int OutstandingWants { get; init; }

    /// <summary>Gets the number of blocks wanted that a peer is being asked for, now.</summary>
    public int AskedBlocks { get; init; }

    /// <summary>Gets the number of wantlist entries that are to be sent, now.</summary>
    public int QueuedWants { get; init; }

    /// <summary>Gets the number of wants that all peers are asked about, now.</summary>
    public int BroadcastWants { get; init; }

    /// <summary>Gets the number of wants for which no peer is left to ask, now.</summary>
    public int ParkedWants { get; init; }

    /// <summary>Gets the number of sessions with open wants, now.</summary>
    public int Sessions { get; init; }

    /// <summary>Gets the number of messages handed out and not yet reported sent, now.</summary>
    public int MessagesInFlight { get; init; }

    /// <summary>Gets the number of requests that the store has not answered, now.</summary>
    public int StoreRequests { get; init; }

    /// <summary>Gets the number of CIDs that the store is yet to be asked about, for this node or for peers, now.</summary>
    public int QueuedLookups { get; init; }

    /// <summary>Gets the bytes of received blocks that the store has not confirmed, now.</summary>
    public long StoringBytes { get; init; }

    /// <summary>Gets the seconds from a want to its block, kept by the store; blocks that peers sent alone, one value for all callers of a block.</summary>
    public Distribution WantLatency { get; init; } = Distribution.Empty;

    /// <summary>Gets the seconds from when a peer was told a want to its answer: the block, HAVE or DONT_HAVE.</summary>
    public Distribution AnswerLatency { get; init; } = Distribution.Empty;

    /// <summary>Gets the seconds that messages took to be sent.</summary>
    public Distribution SendTimes { get; init; } = Distribution.Empty;

    /// <summary>Gets the bytes of each block received, wanted or not.</summary>
    public Distribution ReceivedBlockSizes { get; init; } = Distribution.Empty;

    /// <summary>Gets the bytes of each block received again.</summary>
    public Distribution DuplicateBlockSizes { get; init; } = Distribution.Empty;

    /// <summary>Gets the bytes of each block sent.</summary>
    public Distribution SentBlockSizes { get; init; } = Distribution.Empty;
}

/// <summary>Represents how the values of something that was measured many times are spread. Percentiles are exact to an eighth of their value.</summary>
/// <param name="Count">How many values there were.</param>
/// <param name="Sum">Their sum, in the unit of the values.</param>
/// <param name="P50">The value that half of them do not exceed; 0 when there are none.</param>
/// <param name="P90">The value that nine in ten do not exceed.</param>
/// <param name="P99">The value that ninety-nine in a hundred do not exceed.</param>
/// <param name="Max">The largest.</param>
/// <param name="Buckets">The same values counted between fixed bounds; the last bound is infinite.</param>
public sealed record Distribution(long Count, double Sum, double P50, double P90, double P99, double Max, IReadOnlyList<DistributionBucket> Buckets)
{
    /// <summary>Gets a distribution of nothing.</summary>
    public static Distribution Empty { get; } = new(0, 0, 0, 0, 0, 0, []);

    /// <summary>Gets the mean; 0 when there are none.</summary>
    public double Mean => Count == 0 ? 0 : Sum / Count;
}

/// <summary>Represents the values of a <see cref="Distribution"/> that are over the bound of the bucket before and not over this one's.</summary>
/// <param name="UpTo">The bound, in the unit of the values; infinite in the last bucket.</param>
/// <param name="Count">How many values lie there.</param>
public readonly record struct DistributionBucket(double UpTo, long Count);
