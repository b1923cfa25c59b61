using System.Globalization;

namespace Bitswap;

/// <summary>A node's counters, since it was started, as they were when they were asked for.</summary>
public sealed class BitswapStat
{
    internal BitswapStat()
    {
    }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>How long the node has run.</summary>
    public TimeSpan Uptime { get; init; }

    /// <summary>Connected peers.</summary>
    public int Peers { get; init; }

    /// <summary>Wants that have not ended.</summary>
    public long Wants { get; init; }

    /// <summary>Wanted blocks received.</summary>
    public long BlocksReceived { get; init; }

    /// <summary>Bytes of wanted blocks received.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Blocks sent.</summary>
    public long BlocksSent { get; init; }

    /// <summary>Bytes of blocks sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>Blocks received more than once.</summary>
    public long DuplicateBlocks { get; init; }

    /// <summary>Bytes of blocks received more than once.</summary>
    public long DuplicateBytes { get; init; }

    /// <summary>Blocks received that no want asks for; they are dropped.</summary>
    public long UnwantedBlocks { get; init; }

    /// <summary>Bytes of blocks received that no want asks for.</summary>
    public long UnwantedBytes { get; init; }

    /// <summary>Messages received.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Messages sent.</summary>
    public long MessagesSent { get; init; }

    /// <summary>Messages that could not be sent.</summary>
    public long MessagesFailed { get; init; }

    /// <summary>HAVEs received for open wants.</summary>
    public long HavesReceived { get; init; }

    /// <summary>HAVEs sent.</summary>
    public long HavesSent { get; init; }

    /// <summary>DONT_HAVEs received for open wants.</summary>
    public long DontHavesReceived { get; init; }

    /// <summary>DONT_HAVEs sent.</summary>
    public long DontHavesSent { get; init; }

    /// <summary>Times that silence was taken for DONT_HAVE.</summary>
    public long SimulatedDontHaves { get; init; }

    /// <summary>Messages received with a wantlist.</summary>
    public long WantlistsReceived { get; init; }

    /// <summary>Messages sent with a wantlist.</summary>
    public long WantlistsSent { get; init; }

    /// <summary>Wantlist entries sent that ask.</summary>
    public long WantsSent { get; init; }

    /// <summary>Of those, repetitions.</summary>
    public long WantsResent { get; init; }

    /// <summary>Wantlist entries sent that withdraw.</summary>
    public long CancelsSent { get; init; }

    /// <summary>Wants that got what they wanted.</summary>
    public long WantsSatisfied { get; init; }

    /// <summary>Wants that ended because no peer that was asked had the block.</summary>
    public long WantsNotFound { get; init; }

    /// <summary>Wants whose time was over.</summary>
    public long WantsTimedOut { get; init; }

    /// <summary>Searches for providers.</summary>
    public long ProviderSearches { get; init; }

    /// <summary>Dials of peers that were lost while blocks were wanted of them.</summary>
    public long Redials { get; init; }

    /// <summary>Wants received from peers.</summary>
    public long PeerWantsReceived { get; init; }

    /// <summary>Wants of peers ignored for their CID.</summary>
    public long PeerWantsIgnored { get; init; }

    /// <summary>Wants of peers given up because their list was full.</summary>
    public long PeerWantsEvicted { get; init; }

    /// <summary>Wants of peers given up because they were not repeated.</summary>
    public long PeerWantsExpired { get; init; }

    /// <summary>Wants of peers that may not have the block.</summary>
    public long PeerWantsDenied { get; init; }

    /// <summary>Blocks wanted, now.</summary>
    public int WantedBlocks { get; init; }

    /// <summary>Of the blocks wanted, those that a peer is being asked for, now.</summary>
    public int AskedBlocks { get; init; }

    /// <summary>Entries in peers' lists that were told and not answered with the block, now.</summary>
    public int OutstandingWants { get; init; }

    /// <summary>Wantlist entries that are to be sent, now.</summary>
    public int QueuedWants { get; init; }

    /// <summary>Wants that all peers are asked about, now.</summary>
    public int BroadcastWants { get; init; }

    /// <summary>Wants for which no peer is left to ask, now.</summary>
    public int ParkedWants { get; init; }

    /// <summary>Sessions with open wants, now.</summary>
    public int Sessions { get; init; }

    /// <summary>Wants of all peers, now.</summary>
    public int PeerWants { get; init; }

    /// <summary>Answers to peers that are queued, now.</summary>
    public int QueuedReplies { get; init; }

    /// <summary>Blocks for peers that are being read or sent, now.</summary>
    public int ActiveReplies { get; init; }

    /// <summary>Peers that something is queued for or under way to, now.</summary>
    public int ActivePeers { get; init; }

    /// <summary>Messages handed out and not yet sent, now.</summary>
    public int MessagesInFlight { get; init; }

    /// <summary>Requests that the store has not answered, now.</summary>
    public int StoreRequests { get; init; }

    /// <summary>CIDs that the store is yet to be asked about, now.</summary>
    public int QueuedLookups { get; init; }

    /// <summary>Bytes of blocks queued for peers, being read or being sent, now.</summary>
    public long PendingBytes { get; init; }

    /// <summary>Bytes of received blocks that the store has not confirmed, now.</summary>
    public long StoringBytes { get; init; }

    /// <summary>Wants that the filter of -Filter denied, for whichever reason.</summary>
    public long FilterDenied { get; init; }

    /// <summary>Calls of the filter that failed.</summary>
    public long FilterFailed { get; init; }

    /// <summary>Calls of the filter that took too long.</summary>
    public long FilterLate { get; init; }

    /// <summary>Stored blocks that were found corrupt when they were read, those included that have been put again since.</summary>
    public long CorruptBlocks { get; init; }

    /// <summary>Seconds from a want to its block, for blocks that peers sent.</summary>
    public required BitswapDistribution WantLatency { get; init; }

    /// <summary>Seconds from telling a peer a want to its answer.</summary>
    public required BitswapDistribution AnswerLatency { get; init; }

    /// <summary>Seconds that messages took to be sent.</summary>
    public required BitswapDistribution SendTimes { get; init; }

    /// <summary>Bytes of each block received.</summary>
    public required BitswapDistribution ReceivedBlockSizes { get; init; }

    /// <summary>Bytes of each block received again.</summary>
    public required BitswapDistribution DuplicateBlockSizes { get; init; }

    /// <summary>Bytes of each block sent.</summary>
    public required BitswapDistribution SentBlockSizes { get; init; }
}

/// <summary>How something that was measured many times is spread. Percentiles are exact to an eighth of their value.</summary>
/// <param name="Count">How many values there were.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="P50">The value that half of them do not exceed.</param>
/// <param name="P90">The value that nine in ten do not exceed.</param>
/// <param name="P99">The value that ninety-nine in a hundred do not exceed.</param>
/// <param name="Max">The largest.</param>
public sealed record BitswapDistribution(long Count, double Mean, double P50, double P90, double P99, double Max)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count}: {P50:0.######} {P90:0.######} {P99:0.######}, most {Max:0.######}");
}
