using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>The sessions: those with open wants, and the last few without.</summary>
internal sealed class SessionBook(ClientSide client)
{
    private readonly Dictionary<(long, PeerSet?), Session> _sessions = [];
    private readonly LinkedList<Session> _idle = new();
    private IReadOnlyList<PeerId>? _lastOnlyPeers;
    private PeerSet? _lastSet;

    public int Count => _sessions.Count;

    public IEnumerable<Session> All => _sessions.Values;

    public Session Join(WantRequest request)
    {
        PeerSet? set = SetOf(request.OnlyPeers);
        if (!_sessions.TryGetValue((request.SessionId, set), out Session? session))
        {
            session = new Session(request.SessionId, set, client);
            _sessions.Add((request.SessionId, set), session);
        }

        if (session.IdleNode is { } node)
        {
            _idle.Remove(node);
            session.IdleNode = null;
        }

        if (session.OpenInterests++ == 0)
        {
            client.Ticks.Start(session);
        }

        return session;
    }

    public void Leave(Session session)
    {
        if (--session.OpenInterests > 0)
        {
            return;
        }

        client.Context.Timers.Remove(session);
        client.Context.Timers.Remove(session.EndGameTimer);
        session.Fresh.Clear();
        session.AwaitingBroadcast.Clear();
        session.IdleNode = _idle.AddLast(session);
        while (_idle.Count > client.Context.Options.MaxIdleSessions)
        {
            Session oldest = _idle.First!.Value;
            _idle.RemoveFirst();
            _sessions.Remove((oldest.Id, oldest.OnlyPeers));
        }
    }

    /// <summary>Peers came or went: each session makes up its peers anew when it next needs them.</summary>
    public void PeersChanged() => client.Context.PeerEpoch++;

    public void PeerLeft(PeerLink link)
    {
        PeersChanged();
        foreach (Session session in _sessions.Values)
        {
            session.Remove(link);
            session.Pruned.Remove(link.Peer.Id);
        }
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
