using Bitswap.Protocol.Actions;

namespace Bitswap.Protocol.Core;

/// <summary>What both halves of the engine share.</summary>
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

    public Dictionary<PeerId, Peer> Peers { get; } = [];

    /// <summary>The same peers in the order in which they connected.</summary>
    public List<Peer> PeerList { get; } = [];

    /// <summary>Changes with every peer that comes or goes.</summary>
    public long PeerEpoch { get; set; }

    public int OpenRequests => _requests.Count;

    public long NextId() => ++_lastId;

    /// <summary>Time never goes back.</summary>
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
        if (!peer.Dropped)
        {
            peer.Dropped = true;
            Actions.Enqueue(new DropPeer(peer.Id, reason, mayReturn));
        }
    }
}
