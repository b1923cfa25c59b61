using System.Diagnostics.CodeAnalysis;
using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Represents the live connections, and the counts that the limits are held against. That a peer is connected, and that it is no longer, is posted to the
/// <see cref="EventPump"/> under the lock that decides it, which is what makes the order of events true. A peer to which only a lookup is connected
/// is not announced before another caller asks for it.
/// </summary>
internal sealed partial class ConnectionTable
{
    private static readonly Task _never = new TaskCompletionSource().Task;

    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, PeerConnections> _peers = [];
    private readonly Libp2pOptions _options;
    private readonly PeerId _self;
    private readonly EventPump _events;
    private readonly Action<Libp2pConnection> _connected;
    private readonly Action<Libp2pConnection> _identified;
    private readonly Action<Libp2pConnection> _disconnected;
    private readonly AddressShares _shares;
    private int _inbound;
    private int _outbound;
    private bool _closed;

    public ConnectionTable(
        Libp2pOptions options,
        PeerId self,
        EventPump events,
        Action<Libp2pConnection> connected,
        Action<Libp2pConnection> identified,
        Action<Libp2pConnection> disconnected)
    {
        _options = options;
        _self = self;
        _events = events;
        _connected = connected;
        _identified = identified;
        _disconnected = disconnected;
        _shares = new AddressShares(
            new Share(nameof(Libp2pOptions.MaxInboundConnectionsPerAddress), options.MaxInboundConnectionsPerAddress),
            new Share(nameof(Libp2pOptions.MaxInboundConnectionsPerSubnet), options.MaxInboundConnectionsPerSubnet),
            new Share(nameof(Libp2pOptions.MaxInboundConnectionsOfMachine), options.MaxInboundConnectionsOfMachine),
            options.SplitsMachine);
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

    /// <summary>Returns why a further connection would be refused, or null.</summary>
    /// <param name="direction">Who opens it.</param>
    /// <param name="remote">Where the other side is, where that matters: of one that it opens.</param>
    public string? RefusalFor(ConnectionDirection direction, IPAddress? remote = null)
    {
        lock (_gate)
        {
            return RefusalHoldingGate(direction, remote);
        }
    }

    /// <summary>Takes a connection in.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="announce">Whether its peer is announced, if it is not yet.</param>
    /// <returns>Completes once <c>PeerConnected</c> was raised, if it is.</returns>
    /// <exception cref="Libp2pException">LimitExceeded, or NodeStopped.</exception>
    public Task Add(Libp2pConnection connection, bool announce)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw HostErrors.Stopped();
            }
            _peers.TryGetValue(connection.RemotePeer, out PeerConnections? peer);
            string? refusal = RefusalHoldingGate(connection.Direction, connection.RemoteIp);
            if (refusal is null && peer?.All.Count >= _options.MaxConnectionsPerPeer)
            {
                refusal = $"{nameof(Libp2pOptions.MaxConnectionsPerPeer)} ({_options.MaxConnectionsPerPeer}) is reached";
            }
            if (refusal is not null)
            {
                throw new Libp2pException(Libp2pErrorIds.LimitExceeded, $"A connection with {connection.RemotePeer} is refused: {refusal}.");
            }
            if (peer is null)
            {
                _peers.Add(connection.RemotePeer, peer = new PeerConnections());
            }
            peer.All.Add(connection);
            CountPlace(connection, 1);
            return announce ? AnnounceHoldingGate(peer, connection) : Task.CompletedTask;
        }
    }

    /// <summary>Announces a peer that is connected, unless that was done.</summary>
    /// <returns>Completes once <c>PeerConnected</c> was raised; at once where the peer is not connected.</returns>
    public Task Announce(PeerId peer)
    {
        lock (_gate)
        {
            if (!_peers.TryGetValue(peer, out PeerConnections? found))
            {
                return Task.CompletedTask;
            }
            return AnnounceHoldingGate(found, found.All.Find(c => !c.IsClosing) ?? found.All[0]);
        }
    }

    /// <summary>Completes once <c>PeerConnected</c> was raised for a peer; never where it is not connected, or not announced before its connections end.</summary>
    public Task WhenAnnounced(PeerId peer)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(peer, out PeerConnections? found) ? found.Raised.Task : _never;
        }
    }

    /// <summary>Takes a connection out of sight. Its place is free after <see cref="Release"/>.</summary>
    /// <returns>Completes once <c>PeerDisconnected</c> was raised, if this was the last of a peer that was announced.</returns>
    public Task Remove(Libp2pConnection connection)
    {
        lock (_gate)
        {
            PeerConnections peer = _peers[connection.RemotePeer];
            peer.All.Remove(connection);
            if (peer.All.Count > 0)
            {
                return Task.CompletedTask;
            }
            _peers.Remove(connection.RemotePeer);
            return peer.Announced is null ? Task.CompletedTask : _events.Post(() => _disconnected(connection));
        }
    }

    /// <summary>Frees the place of a connection that was removed.</summary>
    public void Release(Libp2pConnection connection)
    {
        lock (_gate)
        {
            CountPlace(connection, -1);
        }
    }

    /// <summary>Posts that a peer told its protocols, unless the connection is gone or the peer was not announced.</summary>
    public Task PostIdentified(Libp2pConnection connection)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(connection.RemotePeer, out PeerConnections? peer) && peer.Announced is not null && peer.All.Contains(connection)
                ? _events.Post(() => _identified(connection))
                : Task.CompletedTask;
        }
    }

    /// <summary>Returns whether a peer has connections, and has opened none of them itself that is not closing.</summary>
    public bool IsOnlyDialed(PeerId peer)
    {
        lock (_gate)
        {
            return _peers.TryGetValue(peer, out PeerConnections? found) && found.All.TrueForAll(c => c.Direction == ConnectionDirection.Outbound || c.IsClosing);
        }
    }

    /// <summary>
    /// Gets the connection to open streams on: a direct one, where there is any. Of several, both sides choose alike: one that the smaller peer id opened, the oldest of these.
    /// So the others fall idle and none has to be closed under a stream in flight.
    /// </summary>
    public bool TryGetBest(PeerId peer, [NotNullWhen(true)] out Libp2pConnection? connection)
    {
        lock (_gate)
        {
            connection = null;
            if (_peers.TryGetValue(peer, out PeerConnections? connections))
            {
                ConnectionDirection preferred = _self.CompareTo(peer) < 0 ? ConnectionDirection.Outbound : ConnectionDirection.Inbound;
                connection = connections.All.Find(c => !c.IsClosing && c.Circuit is null && c.Direction == preferred)
                    ?? connections.All.Find(c => !c.IsClosing && c.Circuit is null)
                    ?? connections.All.Find(c => !c.IsClosing && c.Direction == preferred)
                    ?? connections.All.Find(c => !c.IsClosing);
            }
            return connection is not null;
        }
    }

    /// <summary>Returns the live connections of peers that were announced.</summary>
    public Libp2pConnection[] Announced()
    {
        lock (_gate)
        {
            return [.. _peers.Values.Where(peer => peer.Announced is not null).SelectMany(peer => peer.All)];
        }
    }

    /// <summary>Returns every live connection, or those of one peer.</summary>
    public Libp2pConnection[] Snapshot(PeerId? peer = null)
    {
        lock (_gate)
        {
            return peer is null
                ? [.. _peers.Values.SelectMany(p => p.All)]
                : _peers.TryGetValue(peer, out PeerConnections? connections) ? [.. connections.All] : [];
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

    private string? RefusalHoldingGate(ConnectionDirection direction, IPAddress? remote)
    {
        if (_inbound + _outbound >= _options.MaxConnections)
        {
            return $"{nameof(Libp2pOptions.MaxConnections)} ({_options.MaxConnections}) is reached";
        }
        return direction == ConnectionDirection.Inbound
            ? _inbound < _options.MaxInboundConnections
                ? remote is not null && _shares.FullGroup(remote) is { } full ? _shares.RefusalOf(full) : null
                : $"{nameof(Libp2pOptions.MaxInboundConnections)} ({_options.MaxInboundConnections}) is reached"
            : _outbound < _options.MaxOutboundConnections
                ? null
                : $"{nameof(Libp2pOptions.MaxOutboundConnections)} ({_options.MaxOutboundConnections}) is reached";
    }

    private Task AnnounceHoldingGate(PeerConnections peer, Libp2pConnection connection)
    {
        if (peer.Announced is null)
        {
            peer.Announced = _events.Post(() =>
            {
                _connected(connection);
                peer.Raised.SetResult();
            });
            if (connection.IsIdentified)
            {
                // it told its protocols before it was announced
                _events.Post(() => _identified(connection));
            }
        }
        return peer.Announced;
    }

    private void CountPlace(Libp2pConnection connection, int change)
    {
        if (connection.Direction == ConnectionDirection.Inbound)
        {
            _inbound += change;
            _shares.Count(connection.RemoteIp, change);
        }
        else
        {
            _outbound += change;
        }
    }

    private sealed class PeerConnections
    {
        public List<Libp2pConnection> All { get; } = [];

        /// <summary>Completes once <c>PeerConnected</c> was raised, or events are raised no more; null while the peer was not announced.</summary>
        public Task? Announced { get; set; }

        /// <summary>Completes once <c>PeerConnected</c> was raised.</summary>
        public TaskCompletionSource Raised { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
