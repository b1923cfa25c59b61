using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Peers;
using Bitswap.Protocol;

namespace Bitswap.Node;

/// <content>Peers, and what there is to see.</content>
public sealed partial class NodeHost
{
    /// <summary>Connects to one peer by any of its addresses, and waits until it is known whether it speaks Bitswap.</summary>
    /// <exception cref="BitswapException"><c>PeerUnreachable</c>, with each address's own failure; <c>PeerIdMismatch</c>; <c>NodeStopped</c>.</exception>
    public ValueTask<PeerSnapshot> ConnectAsync(IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken = default) =>
        ConnectAsync(addresses, null, cancellationToken);

    /// <summary>Connects to one peer at addresses that a stranger gave, or, without terms, as the other overload.</summary>
    /// <param name="addresses">The peer's addresses.</param>
    /// <param name="terms">On what terms they are dialled, also when the peer is lost and dialled again; null where the caller answers for them.</param>
    /// <param name="cancellationToken">Gives up connecting.</param>
    /// <exception cref="BitswapException">As the other overload throws them.</exception>
    internal async ValueTask<PeerSnapshot> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        EnsureRunning();
        PeerId peer = await _network.ConnectAsync(addresses, terms, cancellationToken).ConfigureAwait(false);
        await MeetAsync(peer, cancellationToken).ConfigureAwait(false);
        _addresses.Note(peer, addresses, terms);
        IReadOnlyList<PeerSnapshot> peers = await GetPeersAsync(cancellationToken).ConfigureAwait(false);
        return peers.FirstOrDefault(candidate => candidate.Peer.Equals(peer)) ?? throw NodeErrors.PeerNotConnected(peer);
    }

    /// <summary>Closes the connections to a peer; one that was to be kept is kept no longer.</summary>
    public ValueTask DisconnectAsync(PeerId peer, CancellationToken cancellationToken = default)
    {
        EnsureRunning();
        _keeper.Forget(peer);
        return HangUpAsync(peer, "It was disconnected here.", mayReturn: false, cancellationToken);
    }

    /// <summary>The connected peers.</summary>
    public async ValueTask<IReadOnlyList<PeerSnapshot>> GetPeersAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<PeerConnectionInfo> connections = _network.Connections;
        IReadOnlyDictionary<PeerId, LedgerSnapshot?> ledgers = await AskAsync(
            engine => connections.Select(connection => connection.Peer).Distinct().ToDictionary(peer => peer, engine.Ledger), cancellationToken).ConfigureAwait(false);
        return [.. connections.Select(connection => new PeerSnapshot(connection, _links.Find(connection.Peer)?.Version, ledgers[connection.Peer]))];
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

    /// <summary>What a peer wants of us.</summary>
    public ValueTask<IReadOnlyList<PeerWantlistItem>> GetPeerWantlistAsync(PeerId peer, CancellationToken cancellationToken = default) =>
        AskAsync(engine => engine.PeerWantlist(peer), cancellationToken);

    /// <summary>What has gone each way, of the peers connected and of those remembered.</summary>
    public ValueTask<IReadOnlyList<LedgerSnapshot>> GetLedgersAsync(CancellationToken cancellationToken = default) =>
        AskAsync(static engine => engine.Ledgers(), cancellationToken);

    /// <summary>The engine's counters and how long the node has been up.</summary>
    public async ValueTask<NodeStat> GetStatAsync(CancellationToken cancellationToken = default)
    {
        EngineStat engine = await AskAsync(static engine => engine.Stat(), cancellationToken).ConfigureAwait(false);
        return new NodeStat(engine, _network.Connections.Count, _options.Clock.GetElapsedTime(_startStamp))
        {
            FilterDenied = _access?.Denied ?? 0,
            FilterFailed = _access?.Failed ?? 0,
            FilterLate = _access?.Late ?? 0,
            CorruptBlocks = _sound.TotalFound,
        };
    }

    /// <summary>Whether the peer is connected, as far as the node has been told.</summary>
    internal bool IsLinked(PeerId peer) => _links.Find(peer) is not null;

    /// <summary>Closes the connections to a peer, which is dialled again only if it may return.</summary>
    private ValueTask HangUpAsync(PeerId peer, string reason, bool mayReturn, CancellationToken cancellationToken)
    {
        if (!mayReturn)
        {
            _addresses.Forget(peer);
        }

        return _network.DisconnectAsync(peer, reason, cancellationToken);
    }

    /// <summary>Dials a lost peer. Null when it is there and speaks Bitswap, else what was met.</summary>
    private async ValueTask<RedialFailure?> RedialAsync(PeerId peer, CancellationToken cancellationToken)
    {
        RedialFailure? met = new(PeerAnswerKind.Unreachable, "no address of it is known any more", IsFinal: true);
        foreach (KnownAddresses known in _addresses.Find(peer))
        {
            bool wasFinal = met.IsFinal;
            met = await RedialAsync(peer, known, cancellationToken).ConfigureAwait(false);
            if (met is not { Kind: PeerAnswerKind.Unreachable })
            {
                return met;
            }

            // what may come back at one of its addresses may come back
            met = met with { IsFinal = met.IsFinal && wasFinal };
        }

        return met;
    }

    private async ValueTask<RedialFailure?> RedialAsync(PeerId peer, KnownAddresses known, CancellationToken cancellationToken)
    {
        try
        {
            PeerId reached = await _network.ConnectAsync(known.Addresses, known.Terms, cancellationToken).ConfigureAwait(false);
            await MeetAsync(reached, cancellationToken).ConfigureAwait(false);
            return SpeaksBitswap(peer) ? null
                : IsConnected(peer) ? new RedialFailure(PeerAnswerKind.NoBitswap, "it was reached, and speaks no Bitswap", IsFinal: true)
                : new RedialFailure(PeerAnswerKind.HungUp, "it was reached, and hung up again", IsFinal: false);
        }
        catch (BitswapException failure) when (failure.ErrorId != "NodeStopped")
        {
            return RedialFailure.Of(failure);
        }
    }

    /// <summary>Waits until it is known whether a peer that is connected speaks Bitswap.</summary>
    private async ValueTask MeetAsync(PeerId peer, CancellationToken cancellationToken)
    {
        if (_links.Find(peer) is { } link)
        {
            try
            {
                await link.Ready.WaitAsync(_options.BitswapNegotiationTime, _options.Clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // connected all the same; the snapshot says that its Bitswap version is not known
            }
        }
    }

    private ValueTask<T> AskAsync<T>(Func<BitswapEngine, T> question, CancellationToken cancellationToken)
    {
        EnsureRunning();
        return _loop.AskAsync(question, cancellationToken);
    }
}
