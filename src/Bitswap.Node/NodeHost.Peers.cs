using Bitswap.Node.Networks.Http;
using Bitswap.Protocol;

namespace Bitswap.Node;

/// <content>Peers, and what there is to see.</content>
public sealed partial class NodeHost
{
    /// <summary>Connects to one peer by any of its addresses, and waits until it is known whether it speaks Bitswap.</summary>
    /// <exception cref="BitswapException"><c>PeerUnreachable</c>, with each address's own failure; <c>PeerIdMismatch</c>; <c>NodeStopped</c>.</exception>
    public async ValueTask<PeerSnapshot> ConnectAsync(IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        EnsureRunning();
        PeerId peer = await _connector.ConnectAsync(addresses, null, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PeerSnapshot> peers = await GetPeersAsync(cancellationToken).ConfigureAwait(false);
        return peers.FirstOrDefault(candidate => candidate.Peer.Equals(peer)) ?? throw NodeErrors.PeerNotConnected(peer);
    }

    /// <summary>Connects to a gateway that a person names.</summary>
    /// <exception cref="BitswapException">As <see cref="ConnectAsync"/> throws them.</exception>
    public ValueTask<PeerSnapshot> ConnectGatewayAsync(Uri gateway, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        return ConnectAsync([HttpAddress.Of(gateway).Multiaddr], cancellationToken);
    }

    /// <summary>Closes the connections to a peer; one that was to be kept is kept no longer.</summary>
    public ValueTask DisconnectAsync(PeerId peer, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        _keeper.Forget(peer);
        return _connector.DisconnectAsync(peer, "It was disconnected here.", mayReturn: false, cancellationToken);
    }

    /// <summary>Returns the connected peers.</summary>
    public async ValueTask<IReadOnlyList<PeerSnapshot>> GetPeersAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<PeerConnectionInfo> connections = _network.Connections;
        IReadOnlyDictionary<PeerId, (LedgerSnapshot? Ledger, IReadOnlyList<ServedGraph> Fetching)> exchanges = await AskAsync(
            engine => connections.Select(connection => connection.Peer).Distinct().ToDictionary(peer => peer, peer => (engine.Ledger(peer), _loop.Graphs.Of(peer))),
            cancellationToken).ConfigureAwait(false);
        return
        [
            .. connections.Select(connection => new PeerSnapshot(connection, _links.Find(connection.Peer)?.Version, exchanges[connection.Peer].Ledger)
            {
                Fetching = exchanges[connection.Peer].Fetching,
            }),
        ];
    }

    /// <summary>Measures a round trip to a connected peer.</summary>
    public ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        return _network.PingAsync(peer, cancellationToken);
    }

    /// <summary>Our own wants that have not ended.</summary>
    public ValueTask<IReadOnlyList<WantlistItem>> GetWantlistAsync(CancellationToken cancellationToken = default) =>
        AskAsync(static engine => engine.Wantlist(), cancellationToken);

    /// <summary>Gets a peer's wants of this node.</summary>
    public ValueTask<IReadOnlyList<PeerWantlistItem>> GetPeerWantlistAsync(PeerId peer, CancellationToken cancellationToken = default) =>
        AskAsync(engine => engine.PeerWantlist(peer), cancellationToken);

    /// <summary>Gets the ledgers of the peers connected and of those remembered.</summary>
    public ValueTask<IReadOnlyList<LedgerSnapshot>> GetLedgersAsync(CancellationToken cancellationToken = default) =>
        AskAsync(static engine => engine.Ledgers(), cancellationToken);

    /// <summary>Returns the engine's counters and how long the node has been up.</summary>
    public async ValueTask<NodeStat> GetStatAsync(CancellationToken cancellationToken = default)
    {
        EngineStat engine = await AskAsync(static engine => engine.Stat(), cancellationToken).ConfigureAwait(false);
        return new NodeStat(engine, _network.Connections.Count, _options.Clock.GetElapsedTime(_startStamp))
        {
            FilterDenied = _access?.Denied ?? 0,
            FilterFailed = _access?.Failed ?? 0,
            FilterLate = _access?.Late ?? 0,
            CorruptBlocks = _verified.TotalFound,
            Providing = _provider?.Stat(),
            Storage = _collector?.Stat,
        };
    }

    /// <summary>Returns whether the peer is connected, as far as the node has been told.</summary>
    internal bool IsLinked(PeerId peer) => _connector.IsLinked(peer);

    private ValueTask<T> AskAsync<T>(Func<BitswapEngine, T> question, CancellationToken cancellationToken)
    {
        EnsureRunning();
        return _loop.AskAsync(question, cancellationToken);
    }
}
