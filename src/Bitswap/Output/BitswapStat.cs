using System.Globalization;
using Bitswap.Node;

namespace Bitswap;

/// <summary>A node's counters, since it was started, as they were when they were asked for.</summary>
public sealed class BitswapStat
{
    private readonly NodeStat _stat;

    internal BitswapStat(string node, NodeStat stat)
    {
        Node = node;
        _stat = stat;
    }

    /// <summary>The node.</summary>
    public string Node { get; }

    /// <summary>How long the node has run.</summary>
    public TimeSpan Uptime => _stat.Uptime;

    /// <summary>Connected peers.</summary>
    public int Peers => _stat.Connections;

    /// <summary>Wants that have not ended.</summary>
    public long Wants => Counted.Subscriptions;

    /// <summary>Wanted blocks received.</summary>
    public long BlocksReceived => Counted.BlocksReceived;

    /// <summary>Bytes of wanted blocks received.</summary>
    public long BytesReceived => Counted.BytesReceived;

    /// <summary>Blocks sent.</summary>
    public long BlocksSent => Counted.BlocksSent;

    /// <summary>Bytes of blocks sent.</summary>
    public long BytesSent => Counted.BytesSent;

    /// <summary>Blocks received more than once.</summary>
    public long DuplicateBlocks => Counted.DuplicateBlocks;

    /// <summary>Bytes of blocks received more than once.</summary>
    public long DuplicateBytes => Counted.DuplicateBytes;

    /// <summary>Blocks received that no want asks for; they are dropped.</summary>
    public long UnwantedBlocks => Counted.UnwantedBlocks;

    /// <summary>Bytes of blocks received that no want asks for.</summary>
    public long UnwantedBytes => Counted.UnwantedBytes;

    /// <summary>Messages received.</summary>
    public long MessagesReceived => Counted.MessagesReceived;

    /// <summary>Messages sent.</summary>
    public long MessagesSent => Counted.MessagesSent;

    /// <summary>Messages that could not be sent.</summary>
    public long MessagesFailed => Counted.MessagesFailed;

    /// <summary>HAVEs received for open wants.</summary>
    public long HavesReceived => Counted.HavesReceived;

    /// <summary>HAVEs sent.</summary>
    public long HavesSent => Counted.HavesSent;

    /// <summary>DONT_HAVEs received for open wants.</summary>
    public long DontHavesReceived => Counted.DontHavesReceived;

    /// <summary>DONT_HAVEs sent.</summary>
    public long DontHavesSent => Counted.DontHavesSent;

    /// <summary>Times that silence was taken for DONT_HAVE.</summary>
    public long SimulatedDontHaves => Counted.SimulatedDontHaves;

    /// <summary>Messages received with a wantlist.</summary>
    public long WantlistsReceived => Counted.WantlistsReceived;

    /// <summary>Messages sent with a wantlist.</summary>
    public long WantlistsSent => Counted.WantlistsSent;

    /// <summary>Wantlist entries sent that ask.</summary>
    public long WantsSent => Counted.WantsSent;

    /// <summary>Of those, repetitions.</summary>
    public long WantsResent => Counted.WantsResent;

    /// <summary>Wantlist entries sent that withdraw.</summary>
    public long CancelsSent => Counted.CancelsSent;

    /// <summary>Wants that got what they wanted.</summary>
    public long WantsSatisfied => Counted.WantsSatisfied;

    /// <summary>Wants that ended because no peer that was asked had the block.</summary>
    public long WantsNotFound => Counted.WantsNotFound;

    /// <summary>Wants whose time was over.</summary>
    public long WantsTimedOut => Counted.WantsTimedOut;

    /// <summary>Searches for providers.</summary>
    public long ProviderSearches => Counted.ProviderSearches;

    /// <summary>Dials of peers that were lost while blocks were wanted of them.</summary>
    public long Redials => Counted.Redials;

    /// <summary>Wants received from peers.</summary>
    public long PeerWantsReceived => Counted.PeerWantsReceived;

    /// <summary>Wants of peers ignored for their CID.</summary>
    public long PeerWantsIgnored => Counted.PeerWantsIgnored;

    /// <summary>Wants of peers given up because their list was full.</summary>
    public long PeerWantsEvicted => Counted.PeerWantsEvicted;

    /// <summary>Wants of peers given up because they were not repeated.</summary>
    public long PeerWantsExpired => Counted.PeerWantsExpired;

    /// <summary>Wants of peers that may not have the block.</summary>
    public long PeerWantsDenied => Counted.PeerWantsDenied;

    /// <summary>Blocks wanted, now.</summary>
    public int WantedBlocks => Counted.Wants;

    /// <summary>Of the blocks wanted, those that a peer is being asked for, now.</summary>
    public int AskedBlocks => Counted.AskedBlocks;

    /// <summary>Entries in peers' lists that were told and not answered with the block, now.</summary>
    public int OutstandingWants => Counted.OutstandingWants;

    /// <summary>Wantlist entries that are to be sent, now.</summary>
    public int QueuedWants => Counted.QueuedWants;

    /// <summary>Wants that all peers are asked about, now.</summary>
    public int BroadcastWants => Counted.BroadcastWants;

    /// <summary>Wants for which no peer is left to ask, now.</summary>
    public int ParkedWants => Counted.ParkedWants;

    /// <summary>Sessions with open wants, now.</summary>
    public int Sessions => Counted.Sessions;

    /// <summary>Wants of all peers, now.</summary>
    public int PeerWants => Counted.PeerWants;

    /// <summary>Answers to peers that are queued, now.</summary>
    public int QueuedReplies => Counted.QueuedReplies;

    /// <summary>Blocks for peers that are being read or sent, now.</summary>
    public int ActiveReplies => Counted.ActiveReplies;

    /// <summary>Peers that something is queued for or under way to, now.</summary>
    public int ActivePeers => Counted.ActivePeers;

    /// <summary>Messages handed out and not yet sent, now.</summary>
    public int MessagesInFlight => Counted.MessagesInFlight;

    /// <summary>Requests that the store has not answered, now.</summary>
    public int StoreRequests => Counted.StoreRequests;

    /// <summary>CIDs that the store is yet to be asked about, now.</summary>
    public int QueuedLookups => Counted.QueuedLookups;

    /// <summary>Bytes of blocks queued for peers, being read or being sent, now.</summary>
    public long PendingBytes => Counted.PendingBytes;

    /// <summary>Bytes of received blocks that the store has not confirmed, now.</summary>
    public long StoringBytes => Counted.StoringBytes;

    /// <summary>Wants that the filter of -Filter denied, for whichever reason.</summary>
    public long FilterDenied => _stat.FilterDenied;

    /// <summary>Calls of the filter that failed.</summary>
    public long FilterFailed => _stat.FilterFailed;

    /// <summary>Calls of the filter that took too long.</summary>
    public long FilterLate => _stat.FilterLate;

    /// <summary>Stored blocks that were found corrupt when they were read, those included that have been put again since.</summary>
    public long CorruptBlocks => _stat.CorruptBlocks;

    /// <summary>What the node announces in the DHT by its option Provide; null where it announces nothing.</summary>
    public BitswapProvideStat? Providing => _stat.Providing is { } providing ? new BitswapProvideStat(providing) : null;

    /// <summary>What the repository holds and what was collected of it; null where the option StorageMax is not set.</summary>
    public BitswapStorageStat? Storage => _stat.Storage is { } storage ? new BitswapStorageStat(storage) : null;

    /// <summary>Seconds from a want to its block, for blocks that peers sent.</summary>
    public BitswapDistribution WantLatency => new(Counted.WantLatency);

    /// <summary>Seconds from telling a peer a want to its answer.</summary>
    public BitswapDistribution AnswerLatency => new(Counted.AnswerLatency);

    /// <summary>Seconds that messages took to be sent.</summary>
    public BitswapDistribution SendTimes => new(Counted.SendTimes);

    /// <summary>Bytes of each block received.</summary>
    public BitswapDistribution ReceivedBlockSizes => new(Counted.ReceivedBlockSizes);

    /// <summary>Bytes of each block received again.</summary>
    public BitswapDistribution DuplicateBlockSizes => new(Counted.DuplicateBlockSizes);

    /// <summary>Bytes of each block sent.</summary>
    public BitswapDistribution SentBlockSizes => new(Counted.SentBlockSizes);

    private EngineStat Counted => _stat.Engine;
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
    internal BitswapDistribution(Distribution values)
        : this(values.Count, values.Mean, values.P50, values.P90, values.P99, values.Max)
    {
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count}: {P50:0.######} {P90:0.######} {P99:0.######}, most {Max:0.######}");
}
