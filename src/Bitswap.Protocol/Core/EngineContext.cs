using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;

namespace Bitswap.Protocol.Core;

/// <summary>Represents what both halves of the engine share.</summary>
internal sealed class EngineContext(EngineOptions options, ulong seed)
{
    private readonly Dictionary<long, StoreRequest> _requests = [];
    private long _lastId;

    /// <summary>Not readonly: the generator is a mutable struct.</summary>
    public SplitMix64 Random = new(seed);

    public EngineOptions Options { get; set; } = options;

    public TimeSpan Now { get; private set; }

    public Queue<EngineAction> Actions { get; } = new();

    public TimerHeap Timers { get; } = new();

    public EngineCounters Counters { get; } = new();

    public int OpenRequests => _requests.Count;

    public long NextId() => ++_lastId;

    /// <summary>Moves the time on; it never goes back.</summary>
    public void MoveTo(TimeSpan now)
    {
        if (now > Now)
        {
            Now = now;
        }
    }

    public long Open(StoreRequest request)
    {
        long id = NextId();
        _requests.Add(id, request);
        return id;
    }

    public StoreRequest Close(long id, int count)
    {
        if (!_requests.TryGetValue(id, out StoreRequest? request))
        {
            throw new ArgumentException($"No request {id} to the store is open.", nameof(id));
        }

        if (request.Count != count)
        {
            throw new ArgumentException($"Request {id} to the store is for {request.Count} blocks, the answer for {count}.", nameof(count));
        }

        _requests.Remove(id);
        return request;
    }

    public void Drop(Peer peer, string reason, bool mayReturn)
    {
        if (peer.TryDrop())
        {
            Actions.Enqueue(new DropPeer(peer.Id, reason, mayReturn));
        }
    }
}

/// <summary>Counts what <see cref="EngineStat"/> is made of.</summary>
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

/// <summary>Represents a question to the store that has not been answered.</summary>
internal abstract class StoreRequest
{
    /// <summary>Gets how many elements the answer must have.</summary>
    public abstract int Count { get; }

    public virtual void Checked(IReadOnlyList<int> sizes) => throw new InvalidOperationException("The request is no CheckBlocks.");

    public virtual void Loaded(IReadOnlyList<ReadOnlyMemory<byte>?> data) => throw new InvalidOperationException("The request is no LoadBlocks.");
}
