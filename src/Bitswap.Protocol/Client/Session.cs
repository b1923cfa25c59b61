using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Represents wants that share what is learnt about peers: those of one session id and one set of allowed peers. As a timer: the tick that finds it stuck.
/// </summary>
internal sealed class Session(long id, PeerSet? onlyPeers, TimeSpan now) : EngineTimer
{
    private bool _isMarked;

    public long Id => id;

    /// <summary>Gets the only peers that may know; null for all.</summary>
    public PeerSet? OnlyPeers => onlyPeers;

    /// <summary>Gets the wants that no peer was given yet.</summary>
    public LazyPriorityQueue<ClientWant> Fresh { get; } = new();

    /// <summary>Gets the wants that wait for a place in the broadcast window.</summary>
    public LazyPriorityQueue<ClientWant> AwaitingBroadcast { get; } = new();

    /// <summary>Gets how many wants are in the broadcast window.</summary>
    public int Broadcasting { get; private set; }

    public List<SessionPeer> Peers { get; } = [];

    /// <summary>Gets the moving mean of the sizes of the session's blocks; null before the first.</summary>
    public int? MeanBlockSize { get; private set; }

    public long BlocksReceived { get; private set; }

    /// <summary>Gets how many wants were taken from slow peers.</summary>
    public long Moved { get; private set; }

    public EndGameTimer EndGameTimer => field ??= new EndGameTimer(this);

    /// <summary>Gets the peers that lost their place.</summary>
    public HashSet<PeerId> Pruned { get; } = [];

    /// <summary>Gets the connected peers that lacked something of the session: they get its blocks as we do, or have a part of them.</summary>
    public HashSet<PeerId> Lacking { get; } = [];

    /// <summary>Gets when <see cref="Peers"/> was made up, as <see cref="RequestTable.PeerEpoch"/> counts; -1 when it is to be made up anew.</summary>
    public long PeersAsOf { get; private set; } = -1;

    public int OpenSubscriptions { get; private set; }

    /// <summary>Gets when the session was made.</summary>
    public TimeSpan Began { get; } = now;

    /// <summary>Gets whether the session has wants that a peer is to be given.</summary>
    public bool IsRunnable { get; private set; }

    /// <summary>Gets the place among the sessions without open wants; kept by <see cref="Sessions"/>.</summary>
    public LinkedListNode<Session>? IdleNode { get; internal set; }

    public TimeSpan LastHeard { get; private set; }

    /// <summary>Gets how many ticks there were since the session was last heard of.</summary>
    public int TicksInRow { get; private set; }

    /// <summary>Gets how many wants were broadcast as hints since the last answer: see <see cref="WantScheduler"/>.</summary>
    public int HintsSinceAnswer { get; private set; }

    public bool Allows(PeerId peer) => onlyPeers is null || onlyPeers.Contains(peer);

    /// <summary>Counts one more subscription, and returns whether it is the first.</summary>
    public bool Join() => OpenSubscriptions++ == 0;

    /// <summary>Counts one subscription less, and returns whether it was the last.</summary>
    public bool Leave() => --OpenSubscriptions == 0;

    public void BroadcastEntered() => Broadcasting++;

    public void BroadcastLeft() => Broadcasting--;

    /// <summary>Counts a want that goes to others as a hint; false when there were enough since the last answer.</summary>
    public bool TryHint(int max) => HintsSinceAnswer++ < max;

    /// <summary>Counts a block of the session.</summary>
    public void BlockCame(int size)
    {
        BlocksReceived++;
        MeanBlockSize = MeanBlockSize is { } mean ? mean + ((size - mean) / 8) : size;
    }

    /// <summary>Counts that a want was taken from a slow peer.</summary>
    public void CountMove() => Moved++;

    /// <summary>Begins to wait for something to be heard.</summary>
    public void StartTicking(TimeSpan now)
    {
        LastHeard = now;
        TicksInRow = 0;
    }

    /// <summary>Notes that a peer answered one of the wants.</summary>
    public void Heard(TimeSpan now)
    {
        StartTicking(now);
        HintsSinceAnswer = 0;
    }

    /// <summary>Notes that nothing was heard for a whole <see cref="TickInterval"/>.</summary>
    public void Tick(TimeSpan now)
    {
        TicksInRow++;
        LastHeard = now;
    }

    /// <summary>Returns how long nothing may be heard: a second, later (500 ms + 3 x mean latency) x (1 + ticks in a row), as in boxo's session.go.</summary>
    public TimeSpan TickInterval(EngineOptions options)
    {
        TimeSpan sum = TimeSpan.Zero;
        int known = 0;
        foreach (SessionPeer peer in Peers)
        {
            if (peer.Requests.Performance.Latency is { } latency)
            {
                sum += latency;
                known++;
            }
        }

        return known == 0
            ? options.SessionFirstTick * (1 + TicksInRow)
            : (options.SessionTickBase + (3 * (sum / known))) * (1 + TicksInRow);
    }

    /// <summary>Marks the session as one to give wants of to peers; false when it is marked already.</summary>
    public bool TryMakeRunnable() => !IsRunnable && (IsRunnable = true);

    /// <summary>Returns whether wants still wait for a peer, and else marks the session as done.</summary>
    public bool StaysRunnable() => IsRunnable = Fresh.TryPeek(out _) || AwaitingBroadcast.TryPeek(out _);

    /// <summary>Marks the session as one to look at in the end game; false when it is marked already.</summary>
    public bool TryMark() => !_isMarked && (_isMarked = true);

    public void Unmark() => _isMarked = false;

    public SessionPeer? Find(PeerRequests requests)
    {
        foreach (SessionPeer peer in Peers)
        {
            if (peer.Requests == requests)
            {
                return peer;
            }
        }

        return null;
    }

    /// <summary>Returns whether the peers are to be made up anew, and notes that they are.</summary>
    public bool TryRefresh(long epoch)
    {
        if (PeersAsOf == epoch)
        {
            return false;
        }

        PeersAsOf = epoch;
        return true;
    }

    /// <summary>Adds a peer that has shown to have something; of too many, the worst gives way.</summary>
    public SessionPeer AddProven(PeerRequests requests, int maxPeers)
    {
        var peer = new SessionPeer(requests);
        Pruned.Remove(requests.Id);
        if (Peers.Count >= maxPeers)
        {
            RemoveWorst();
        }

        Peers.Add(peer);
        return peer;
    }

    /// <summary>Takes a peer's place: it said no too often.</summary>
    public void Prune(PeerRequests requests)
    {
        Remove(requests);
        Pruned.Add(requests.Id);
        PeersAsOf = -1;
    }

    /// <summary>Gives a peer its chance back.</summary>
    public void Unprune(PeerId peer)
    {
        if (Pruned.Remove(peer))
        {
            PeersAsOf = -1;
        }
    }

    /// <summary>Forgets a peer that is gone.</summary>
    public void PeerLeft(PeerRequests requests)
    {
        Remove(requests);
        Pruned.Remove(requests.Id);
        Lacking.Remove(requests.Id);
    }

    private void Remove(PeerRequests requests)
    {
        for (int i = 0; i < Peers.Count; i++)
        {
            if (Peers[i].Requests == requests)
            {
                Peers.RemoveAt(i);
                return;
            }
        }
    }

    private void RemoveWorst()
    {
        int worst = 0;
        for (int i = 1; i < Peers.Count; i++)
        {
            if (Peers[i].FirstResponses < Peers[worst].FirstResponses
                || (Peers[i].FirstResponses == Peers[worst].FirstResponses && Peers[i].MissesInRow > Peers[worst].MissesInRow))
            {
                worst = i;
            }
        }

        Peers.RemoveAt(worst);
    }
}

/// <summary>Represents what a session knows of one peer.</summary>
internal sealed class SessionPeer(PeerRequests requests)
{
    private const int Experience = 8;
    private const double Certainty = 0.95;
    private const double MinHitRate = 0.01;
    private const double EvenChance = 0.5;
    private const int FewMisses = 3;

    private double _hitRate = 1;
    private int _answers;

    public PeerRequests Requests => requests;

    /// <summary>Gets how many blocks of the session the peer was the first to send.</summary>
    public long FirstResponses { get; private set; }

    public int MissesInRow { get; private set; }

    /// <summary>Gets whether the peer has had nearly everything so far: asking others whether they have it, too, would be noise.</summary>
    public bool IsCertain => _answers >= Experience && MissesInRow == 0 && _hitRate >= Certainty;

    /// <summary>
    /// Gets whether the peer mostly had nothing so far. It is asked for word of a block and not for the block: or it would send the block as soon as it got it, while another
    /// is asked already.
    /// </summary>
    public bool IsUnlikely => (MissesInRow >= FewMisses || (_answers >= Experience && _hitRate < EvenChance)) && requests.KnowsPresence;

    /// <summary>
    /// Gets first responses + 1 (boxo, peerResponseTracker); of two alike the quicker counts more, and one that mostly had nothing, or sent nothing, counts little.
    /// </summary>
    public double Weight
    {
        get
        {
            PeerPerformance performance = requests.Performance;
            double seconds = (performance.Latency ?? TimeSpan.FromMilliseconds(100)).TotalSeconds;
            return performance.Reliability * (FirstResponses + 1.0) * Math.Max(MinHitRate, _hitRate * _hitRate) / (0.01 + seconds);
        }
    }

    public void Hit(bool withBlock)
    {
        _answers++;
        MissesInRow = 0;
        _hitRate += (1 - _hitRate) / 16;
        if (withBlock)
        {
            FirstResponses++;
        }
    }

    public void Miss()
    {
        _answers++;
        MissesInRow++;
        _hitRate -= _hitRate / 16;
    }
}
