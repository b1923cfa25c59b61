namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Counts the uses of the connections with each peer, so that none is closed while it is used. A connection that was opened for leases alone is
/// temporary: it is closed when the last lease ends, unless <see cref="Keep"/> was called before. All other connections stay. Thread-safe.
/// </summary>
public sealed class ConnectionLeases
{
    private readonly Lock _gate;
    private readonly Action<PeerId> _close;
    private readonly Dictionary<PeerId, Use> _uses = [];

    /// <summary>Makes a count.</summary>
    /// <param name="close">
    /// Closes a peer's connections. It is called with the gate held, so that no lease begins between the decision and its effect: when it returns,
    /// these connections are given out no more.
    /// </param>
    /// <param name="gate">The lock to use; null for one of its own.</param>
    public ConnectionLeases(Action<PeerId> close, Lock? gate = null)
    {
        ArgumentNullException.ThrowIfNull(close);
        _close = close;
        _gate = gate ?? new Lock();
    }

    /// <summary>Gets the peers that are leased.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _uses.Count;
            }
        }
    }

    /// <summary>Returns whether there is a lease on the peer.</summary>
    public bool IsLeased(PeerId peer)
    {
        lock (_gate)
        {
            return _uses.ContainsKey(peer);
        }
    }

    /// <summary>Begins a lease. It is taken before the peer is dialled, so that the dial is covered, too.</summary>
    public ConnectionLease Take(PeerId peer)
    {
        lock (_gate)
        {
            if (!_uses.TryGetValue(peer, out Use? use))
            {
                _uses.Add(peer, use = new Use());
            }
            use.Leases++;
            return new ConnectionLease(this, peer);
        }
    }

    /// <summary>Notes that a connection was opened while the caller holds a lease: it is temporary, unless the peer is kept.</summary>
    /// <param name="peer">Whose it is.</param>
    /// <param name="isOwn">
    /// Whether every connection of the peer was opened from this side; called with the gate held. Where the peer has opened one, they stay. Two dials may end at
    /// once, where the first was given up too late: what the second finds does not make the first one's connection stay.
    /// </param>
    public void Opened(PeerId peer, Func<bool> isOwn)
    {
        ArgumentNullException.ThrowIfNull(isOwn);
        lock (_gate)
        {
            _uses[peer].IsTemporary |= isOwn();
        }
    }

    /// <summary>Lets the connections with a peer outlast the leases.</summary>
    public void Keep(PeerId peer)
    {
        lock (_gate)
        {
            if (_uses.TryGetValue(peer, out Use? use))
            {
                use.IsKept = true;
            }
        }
    }

    internal void Release(PeerId peer)
    {
        lock (_gate)
        {
            Use use = _uses[peer];
            if (--use.Leases > 0)
            {
                return;
            }
            _uses.Remove(peer);
            if (use is { IsTemporary: true, IsKept: false })
            {
                _close(peer);
            }
        }
    }

    private sealed class Use
    {
        public int Leases { get; set; }

        public bool IsTemporary { get; set; }

        public bool IsKept { get; set; }
    }
}

/// <summary>Represents one use of the connections with a peer, until it is disposed.</summary>
public sealed class ConnectionLease : IDisposable
{
    private readonly PeerId _peer;
    private ConnectionLeases? _leases;

    internal ConnectionLease(ConnectionLeases leases, PeerId peer)
    {
        _leases = leases;
        _peer = peer;
    }

    /// <summary>Ends the use; further calls do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _leases, null)?.Release(_peer);
}
