using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// The live connections, and the counts that the limits are held against. First and last connections of a peer are posted to the
/// <see cref="EventPump"/> under the lock that decides them, which is what makes the order of events true.
/// </summary>
internal sealed class ConnectionTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, List<Libp2pConnection>> _peers = [];
    private readonly Libp2pOptions _options;
    private readonly PeerId _self;
    private readonly EventPump _events;
    private readonly Action<Libp2pConnection> _connected;
    private readonly Action<PeerId> _disconnected;
    private int _inbound;
    private int _outbound;
    private bool _closed;

    public ConnectionTable(
        Libp2pOptions options, PeerId self, EventPump events, Action<Libp2pConnection> connected, Action<PeerId> disconnected)
    {
        _options = options;
        _self = self;
        _events = events;
        _connected = connected;
        _disconnected = disconnected;
    }

    /// <summary>Connections that hold a place; one that ended holds it until its end was told.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _inbound + _outbound;
            }
        }
    }

    /// <summary>Why a further connection would be refused, or null.</summary>
    public string? RefusalFor(ConnectionDirection direction)
    {
        lock (_gate)
        {
            return RefusalHoldingGate(direction);
        }
    }

    /// <summary>Takes a connection in.</summary>
    /// <returns>Completes once <c>PeerConnected</c> was raised, if this is the peer's first.</returns>
    /// <exception cref="Libp2pException">LimitExceeded, or NodeStopped.</exception>
    public Task Add(Libp2pConnection connection)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw HostErrors.Stopped();
            }
            _peers.TryGetValue(connection.RemotePeer, out List<Libp2pConnection>? peer);
            string? refusal = RefusalHoldingGate(connection.Direction);
            if (refusal is null && peer?.Count >= _options.MaxConnectionsPerPeer)
            {
                refusal = $"{nameof(Libp2pOptions.MaxConnectionsPerPeer)} ({_options.MaxConnectionsPerPeer}) is reached";
            }
            if (refusal is not null)
            {
                throw new Libp2pException(Libp2pErrorIds.LimitExceeded, $"A connection with {connection.RemotePeer} is refused: {refusal}.");
            }
            if (peer is null)
            {
                _peers.Add(connection.RemotePeer, peer = []);
            }
            peer.Add(connection);
            CountPlace(connection.Direction, 1);
            return peer.Count == 1 ? _events.Post(() => _connected(connection)) : Task.CompletedTask;
        }
    }

    /// <summary>Takes a connection out of sight. Its place is free after <see cref="Release"/>.</summary>
    /// <returns>Completes once <c>PeerDisconnected</c> was raised, if this was the peer's last.</returns>
    public Task Remove(Libp2pConnection connection)
    {
        lock (_gate)
        {
            List<Libp2pConnection> peer = _peers[connection.RemotePeer];
            peer.Remove(connection);
            if (peer.Count > 0)
            {
                return Task.CompletedTask;
            }
            _peers.Remove(connection.RemotePeer);
            return _events.Post(() => _disconnected(connection.RemotePeer));
        }
    }

    /// <summary>Frees the place of a connection that was removed.</summary>
    public void Release(Libp2pConnection connection)
    {
        lock (_gate)
        {
            CountPlace(connection.Direction, -1);
        }
    }

    /// <summary>Posts an event of a connection, unless the connection is gone.</summary>
    public Task PostIfLive(Libp2pConnection connection, Action raise)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(connection.RemotePeer, out List<Libp2pConnection>? peer) && peer.Contains(connection)
                ? _events.Post(raise)
                : Task.CompletedTask;
        }
    }

    /// <summary>
    /// The connection to open streams on. Of several, both sides choose alike: one that the smaller peer id opened, the oldest of these.
    /// So the others fall idle and none has to be closed under a stream in flight.
    /// </summary>
    public bool TryGetBest(PeerId peer, [NotNullWhen(true)] out Libp2pConnection? connection)
    {
        lock (_gate)
        {
            connection = null;
            if (_peers.TryGetValue(peer, out List<Libp2pConnection>? connections))
            {
                ConnectionDirection preferred = _self.CompareTo(peer) < 0 ? ConnectionDirection.Outbound : ConnectionDirection.Inbound;
                connection = connections.Find(c => !c.IsClosing && c.Direction == preferred)
                    ?? connections.Find(c => !c.IsClosing);
            }
            return connection is not null;
        }
    }

    /// <summary>Every live connection, or those of one peer.</summary>
    public Libp2pConnection[] Snapshot(PeerId? peer = null)
    {
        lock (_gate)
        {
            return peer is null
                ? [.. _peers.Values.SelectMany(p => p)]
                : _peers.TryGetValue(peer, out List<Libp2pConnection>? connections) ? [.. connections] : [];
        }
    }

    /// <summary>Refuses everything from now on, and returns what is to be closed.</summary>
    public Libp2pConnection[] Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
        return Snapshot();
    }

    /// <summary>Counts a stream that the other side opened.</summary>
    /// <returns>Why it is refused, or null.</returns>
    public string? TryEnterInbound(Libp2pConnection connection)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(connection.RemotePeer, out List<Libp2pConnection>? peer))
            {
                return "the connection is closing";
            }
            if (connection.InboundStreams >= _options.MaxInboundStreamsPerConnection)
            {
                return $"{nameof(Libp2pOptions.MaxInboundStreamsPerConnection)} ({_options.MaxInboundStreamsPerConnection}) is reached";
            }
            if (peer.Sum(c => c.InboundStreams) >= _options.MaxInboundStreamsPerPeer)
            {
                return $"{nameof(Libp2pOptions.MaxInboundStreamsPerPeer)} ({_options.MaxInboundStreamsPerPeer}) is reached";
            }
            connection.CountStream(ConnectionDirection.Inbound, 1);
            return null;
        }
    }

    /// <summary>Counts the stream against what its protocol allows one peer over all its connections.</summary>
    public bool TryEnterProtocol(Libp2pConnection connection, string protocol, int most)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(connection.RemotePeer, out List<Libp2pConnection>? peer)
                || peer.Sum(c => c.LimitedStreams.GetValueOrDefault(protocol)) >= most)
            {
                return false;
            }
            connection.LimitedStreams[protocol] = connection.LimitedStreams.GetValueOrDefault(protocol) + 1;
            return true;
        }
    }

    /// <summary>Takes back what <see cref="TryEnterInbound"/> and, with a protocol, <see cref="TryEnterProtocol"/> counted.</summary>
    public void LeaveInbound(Libp2pConnection connection, string? limitedProtocol)
    {
        lock (_gate)
        {
            connection.CountStream(ConnectionDirection.Inbound, -1);
            if (limitedProtocol is not null)
            {
                connection.LimitedStreams[limitedProtocol]--;
            }
        }
    }

    /// <summary>Counts a stream of our own.</summary>
    public bool TryEnterOutbound(Libp2pConnection connection)
    {
        lock (_gate)
        {
            if (connection.OutboundStreams >= _options.MaxOutboundStreamsPerConnection)
            {
                return false;
            }
            connection.CountStream(ConnectionDirection.Outbound, 1);
            return true;
        }
    }

    /// <summary>Takes back what <see cref="TryEnterOutbound"/> counted.</summary>
    public void LeaveOutbound(Libp2pConnection connection)
    {
        lock (_gate)
        {
            connection.CountStream(ConnectionDirection.Outbound, -1);
        }
    }

    private string? RefusalHoldingGate(ConnectionDirection direction)
    {
        if (_inbound + _outbound >= _options.MaxConnections)
        {
            return $"{nameof(Libp2pOptions.MaxConnections)} ({_options.MaxConnections}) is reached";
        }
        return direction == ConnectionDirection.Inbound
            ? _inbound < _options.MaxInboundConnections
                ? null
                : $"{nameof(Libp2pOptions.MaxInboundConnections)} ({_options.MaxInboundConnections}) is reached"
            : _outbound < _options.MaxOutboundConnections
                ? null
                : $"{nameof(Libp2pOptions.MaxOutboundConnections)} ({_options.MaxOutboundConnections}) is reached";
    }

    private void CountPlace(ConnectionDirection direction, int change)
    {
        if (direction == ConnectionDirection.Inbound)
        {
            _inbound += change;
        }
        else
        {
            _outbound += change;
        }
    }
}
