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

    public EngineMeasures Measures { get; } = new();

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

/// <summary>Measures what the distributions of <see cref="EngineStat"/> are made of.</summary>
internal sealed class EngineMeasures
{
    public Histogram WantLatency { get; } = Histogram.OfTimes();

    public Histogram AnswerLatency { get; } = Histogram.OfTimes();

    public Histogram SendTimes { get; } = Histogram.OfTimes();

    public Histogram ReceivedBlockSizes { get; } = Histogram.OfSizes();

    public Histogram DuplicateBlockSizes { get; } = Histogram.OfSizes();

    public Histogram SentBlockSizes { get; } = Histogram.OfSizes();
}

/// <summary>Represents a question to the store that has not been answered.</summary>
internal abstract class StoreRequest
{
    /// <summary>Gets how many elements the answer must have.</summary>
    public abstract int Count { get; }

    public virtual void Checked(IReadOnlyList<int> sizes) => throw new InvalidOperationException("The request is no CheckBlocks.");

    public virtual void Loaded(IReadOnlyList<ReadOnlyMemory<byte>?> data) => throw new InvalidOperationException("The request is no LoadBlocks.");
}
