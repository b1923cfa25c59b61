namespace Bitswap.Protocol.Core;

/// <summary>What <see cref="EngineStat"/> is made of, as it is counted.</summary>
internal sealed class EngineCounters
{
    public long MessagesSent, MessagesReceived, MessagesFailed;
    public long BlocksReceived, BytesReceived, DuplicateBlocks, DuplicateBytes, UnwantedBlocks, UnwantedBytes;
    public long BlocksSent, BytesSent, HavesSent, DontHavesSent, HavesReceived, DontHavesReceived, SimulatedDontHaves;
    public long WantsSent, CancelsSent, WantsResent, WantsMoved, WantsSatisfied, WantsNotFound, WantsTimedOut;
    public long PeerWantsReceived, PeerWantsIgnored, PeerWantsEvicted, PeerWantsExpired, PeerWantsDenied;
    public long ProviderSearches, Redials, WantlistsSent, WantlistsReceived;

    public Histogram WantLatency { get; } = Histogram.OfTimes();

    public Histogram AnswerLatency { get; } = Histogram.OfTimes();

    public Histogram SendTimes { get; } = Histogram.OfTimes();

    public Histogram ReceivedSizes { get; } = Histogram.OfSizes();

    public Histogram DuplicateSizes { get; } = Histogram.OfSizes();

    public Histogram SentSizes { get; } = Histogram.OfSizes();
}
