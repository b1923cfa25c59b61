using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Represents a set of peers that compares by content.</summary>
internal sealed class PeerSet : IEquatable<PeerSet>
{
    private readonly HashSet<PeerId> _peers;
    private readonly int _hashCode;

    public PeerSet(IEnumerable<PeerId> peers)
    {
        _peers = [.. peers];
        foreach (PeerId peer in _peers)
        {
            _hashCode ^= peer.GetHashCode();
        }
    }

    public bool Contains(PeerId peer) => _peers.Contains(peer);

    public bool Equals(PeerSet? other) => other is not null && _hashCode == other._hashCode && _peers.SetEquals(other._peers);

    public override bool Equals(object? obj) => Equals(obj as PeerSet);

    public override int GetHashCode() => _hashCode;
}

/// <summary>Keeps the sessions: those with open wants, and the last few without.</summary>
internal sealed class Sessions(EngineContext context, Timeouts timeouts)
{
    private readonly Dictionary<(long, PeerSet?), Session> _sessions = [];
    private readonly LinkedList<Session> _idle = new();
    private IReadOnlyList<PeerId>? _lastOnlyPeers;
    private PeerSet? _lastSet;

    public int Count => _sessions.Count;

    public Dictionary<(long, PeerSet?), Session>.ValueCollection All => _sessions.Values;

    /// <summary>Returns the session of a want, made where there is none, with one subscription more.</summary>
    public Session Join(WantRequest request)
    {
        PeerSet? set = SetOf(request.OnlyPeers);
        if (!_sessions.TryGetValue((request.SessionId, set), out Session? session))
        {
            session = new Session(request.SessionId, set, context.Now);
            _sessions.Add((request.SessionId, set), session);
        }

        if (session.IdleNode is { } node)
        {
            _idle.Remove(node);
            session.IdleNode = null;
        }

        if (session.Join())
        {
            session.StartTicking(context.Now);
            timeouts.ArmTick(session);
        }

        return session;
    }

    /// <summary>Ends a subscription. A session without any is kept for a while, for what it knows of its peers.</summary>
    public void Leave(Session session)
    {
        if (!session.Leave())
        {
            return;
        }

        timeouts.Disarm(session);
        timeouts.Disarm(session.EndGameTimer);
        session.Fresh.Clear();
        session.AwaitingBroadcast.Clear();
        session.IdleNode = _idle.AddLast(session);
        while (_idle.Count > context.Options.MaxIdleSessions)
        {
            Session oldest = _idle.First!.Value;
            _idle.RemoveFirst();
            _sessions.Remove((oldest.Id, oldest.OnlyPeers));
        }
    }

    /// <summary>Forgets a peer that is gone.</summary>
    public void PeerLeft(PeerRequests requests)
    {
        foreach (Session session in _sessions.Values)
        {
            session.PeerLeft(requests);
        }
    }

    /// <summary>Notes that a peer said no: it loses its place in the sessions of the want when it did so too often.</summary>
    public void Missed(PeerRequest request)
    {
        List<WantSubscription> subscriptions = request.Want.Subscriptions;
        for (int i = 0; i < subscriptions.Count; i++)
        {
            Session session = subscriptions[i].Session;
            session.Lacking.Add(request.Peer.Id);
            if (session.Find(request.Peer) is not { } peer)
            {
                continue;
            }

            peer.Miss();
            if (peer.MissesInRow > context.Options.SessionPruneAfter && session.Peers.Count > 1 && !HoldsSomethingWanted(request.Peer))
            {
                session.Prune(request.Peer);
            }
        }
    }

    private static bool HoldsSomethingWanted(PeerRequests requests)
    {
        // The latest are looked at, so that the cost is bounded.
        int looked = 0;
        for (PeerRequest? request = requests.Promises.Last; request is not null && looked < 64; request = request.Previous, looked++)
        {
            if (request.IsPromising)
            {
                return true;
            }
        }

        return false;
    }

    private PeerSet? SetOf(IReadOnlyList<PeerId>? peers)
    {
        if (peers is null)
        {
            return null;
        }

        // A batch comes with one list.
        if (!ReferenceEquals(peers, _lastOnlyPeers))
        {
            (_lastOnlyPeers, _lastSet) = (peers, new PeerSet(peers));
        }

        return _lastSet;
    }
}
