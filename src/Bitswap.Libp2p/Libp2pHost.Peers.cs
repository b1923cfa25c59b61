using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Identify;
using Bitswap.Libp2p.Ping;
using Bitswap.Libp2p.Upgrade;

namespace Bitswap.Libp2p;

public sealed partial class Libp2pHost
{
    /// <summary>
    /// What a peer is worth when connections are closed for want of room: those with the lowest score go first. Null, the default: all
    /// alike. It is called on a pool thread, must return soon, and counts as 0 when it throws.
    /// </summary>
    public Func<PeerId, double>? PeerScore
    {
        get => _pruner.Score;
        set => _pruner.Score = value;
    }

    /// <summary>Whether the peer has a connection.</summary>
    /// <exception cref="Libp2pException">NodeStopped.</exception>
    public bool IsConnected(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ThrowIfStopped();
        return _table.TryGetBest(peer, out _);
    }

    /// <summary>
    /// Sets who answers a protocol, in place of who did before. Connected peers are told. The stream is disposed when the handler's task
    /// ends, and reset when it fails; its token is cancelled when the connection ends.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty, too long, or one that the host answers itself.</exception>
    /// <exception cref="Libp2pException">LimitExceeded: <see cref="Libp2pOptions.MaxProtocols"/>. NodeStopped.</exception>
    public void Handle(string protocol, Func<Libp2pStream, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfStopped();
        ThrowIfOwn(protocol);
        if (_protocols.Set(protocol, new ProtocolHandler(handler, null)))
        {
            _identify.PushToAll();
        }
    }

    /// <summary>No longer answers a protocol. Streams that are open go on.</summary>
    /// <returns>Whether there was a handler.</returns>
    /// <exception cref="Libp2pException">NodeStopped.</exception>
    public bool Unhandle(string protocol)
    {
        ThrowIfStopped();
        ThrowIfOwn(protocol);
        bool removed = _protocols.Remove(protocol);
        if (removed)
        {
            _identify.PushToAll();
        }
        return removed;
    }

    /// <summary>Keeps the peer's connections from being closed for want of room or of use, until each reason was taken away.</summary>
    /// <param name="peer">Who; it need not be connected.</param>
    /// <param name="tag">The reason.</param>
    public void Protect(PeerId peer, string tag)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ThrowIfStopped();
        _protection.Protect(peer, tag);
        _leases.Keep(peer);
    }

    /// <summary>Takes a reason of <see cref="Protect"/> away.</summary>
    /// <returns>Whether the peer is still protected, for another reason.</returns>
    public bool Unprotect(PeerId peer, string tag)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentException.ThrowIfNullOrEmpty(tag);
        ThrowIfStopped();
        return _protection.Unprotect(peer, tag);
    }

    /// <summary>
    /// Connects to a peer, unless it is connected already. Its addresses are raced as RFC 8305 has it. Calls for a peer that is being
    /// dialed share that dial. The connection stays when leases on it end.
    /// </summary>
    /// <param name="addresses">Addresses of one peer. Those with a peer id must agree; without any, whoever answers is taken.</param>
    /// <param name="ct">Ends the wait; the dial ends when nobody waits for it.</param>
    /// <returns>A connection, which was announced by <see cref="PeerConnected"/>.</returns>
    /// <exception cref="ArgumentException">No address, or addresses of different peers.</exception>
    /// <exception cref="Libp2pException">
    /// PeerUnreachable, with a line for each address; where all failed in one other way, the id of that, such as PeerIdMismatch or
    /// UnsupportedAddress. DialToSelf, LimitExceeded, NodeStopped.
    /// </exception>
    public async ValueTask<Libp2pConnection> ConnectAsync(IReadOnlyList<Multiaddr> addresses, CancellationToken ct = default)
    {
        PeerId? peer = PeerToDial(addresses);
        using ConnectionLease? lease = peer is null ? null : _leases.Take(peer);
        Libp2pConnection connection = await ReachAsync(addresses, peer, ct).ConfigureAwait(false);
        _leases.Keep(connection.RemotePeer);
        await _table.Announce(connection.RemotePeer).ConfigureAwait(false);
        return connection;
    }

    /// <summary>
    /// Connects to a peer for as long as the lease is held, which the caller must dispose. A connection that was opened for leases alone is closed
    /// when the last ends, unless <see cref="ConnectAsync"/> or <see cref="KeepAsync"/> was called for its peer meanwhile.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="addresses">Its addresses, with its id or without; may be empty where it is connected.</param>
    /// <param name="ct">Ends the wait; the dial ends when nobody waits for it.</param>
    /// <exception cref="ArgumentException">An address of another peer.</exception>
    /// <exception cref="Libp2pException">PeerUnreachable, where it is not connected and no address is given; and as <see cref="ConnectAsync"/> throws them.</exception>
    public async ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(addresses);
        ThrowIfStopped();
        if (addresses.FirstOrDefault(address => address.PeerId is { } named && !named.Equals(peer)) is { } other)
        {
            throw new ArgumentException($"{other} is another peer's address than {peer}'s.", nameof(addresses));
        }
        if (PeerId.Equals(peer))
        {
            throw HostErrors.ToSelf(PeerId);
        }
        ConnectionLease lease = _leases.Take(peer);
        try
        {
            await ReachAsync(addresses, peer, ct).ConfigureAwait(false);
            await _table.Announce(peer).ConfigureAwait(false);
            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Lets the connections with a peer outlast the leases on them; a peer that only a lookup is connected to is announced.</summary>
    /// <returns>Whether it is connected; if so, <see cref="PeerConnected"/> was raised for it.</returns>
    public async ValueTask<bool> KeepAsync(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        // with a lease of our own, what is there now cannot be closed before it is kept
        using ConnectionLease lease = _leases.Take(peer);
        if (!_table.TryGetBest(peer, out _))
        {
            return false;
        }
        _leases.Keep(peer);
        await _table.Announce(peer).ConfigureAwait(false);
        return true;
    }

    /// <summary>Connects to a peer and tells nobody. The caller holds a lease on it, if its id is known.</summary>
    internal async ValueTask<Libp2pConnection> ReachAsync(IReadOnlyList<Multiaddr> addresses, PeerId? peer, CancellationToken ct)
    {
        string key = peer?.ToString() ?? string.Join(' ', addresses.Select(a => a.ToString()).Order(StringComparer.Ordinal));
        try
        {
            while (true)
            {
                if (peer is not null && _table.TryGetBest(peer, out Libp2pConnection? connected))
                {
                    return connected;
                }
                if (addresses.Count == 0)
                {
                    throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"{peer} is not connected, and no address of it is known.");
                }
                (Task<Libp2pConnection> dial, bool triedAll) =
                    await _dials.JoinAsync(key, addresses, token => DialAsync(addresses, peer, token), ct).ConfigureAwait(false);
                if (triedAll || dial.IsCompletedSuccessfully)
                {
                    return await dial.ConfigureAwait(false);
                }
                // another caller's dial failed, which had other addresses: this caller's own are tried
                ThrowIfStopped();
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw HostErrors.Stopped();
        }
    }

    /// <summary>Opens a stream to a connected peer.</summary>
    /// <param name="peer">To whom.</param>
    /// <param name="protocols">What to speak, best first.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="Libp2pException">
    /// ConnectionClosed: not connected. ProtocolNotSupported: the peer refused all. NegotiationFailed, HandshakeTimeout, LimitExceeded,
    /// StreamReset, NodeStopped.
    /// </exception>
    public async ValueTask<Libp2pStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(protocols);
        ArgumentOutOfRangeException.ThrowIfZero(protocols.Count, nameof(protocols));
        Libp2pConnection connection = BestConnection(peer);
        try
        {
            return await _streams.OpenAsync(connection, protocols, ct).ConfigureAwait(false);
        }
        catch (Libp2pException) when (_stopping.IsCancellationRequested)
        {
            throw HostErrors.Stopped();
        }
    }

    /// <summary>Closes every connection with a peer. Completes when they are gone and <see cref="PeerDisconnected"/> was raised.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="reason">Why, for <see cref="Libp2pConnection.CloseReason"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="Libp2pException">NodeStopped.</exception>
    public async ValueTask DisconnectAsync(PeerId peer, string reason = "disconnected", CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ThrowIfStopped();
        await Task.WhenAll(_table.Snapshot(peer).Select(async connection =>
        {
            await connection.CloseAsync(reason).ConfigureAwait(false);
            await connection.Ended.ConfigureAwait(false);
        })).WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Measures one round trip to a connected peer with the ping protocol.</summary>
    /// <exception cref="Libp2pException">
    /// PingTimeout: no answer within <see cref="Libp2pOptions.PingTimeout"/>. ProtocolViolation: a wrong answer. ConnectionClosed: not
    /// connected. ProtocolNotSupported, NodeStopped.
    /// </exception>
    public async ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        Libp2pConnection connection = BestConnection(peer);
        try
        {
            return await _ping.PingAsync(connection, ct).ConfigureAwait(false);
        }
        catch (Libp2pException) when (_stopping.IsCancellationRequested)
        {
            throw HostErrors.Stopped();
        }
    }

    /// <summary>Closes in the background what was dialed for leases that have ended. No new stream is opened on it from now on.</summary>
    private void CloseUnused(PeerId peer)
    {
        foreach (Libp2pConnection connection in _table.Snapshot(peer))
        {
            // one that the peer has just opened is its own
            if (connection.Direction == ConnectionDirection.Outbound)
            {
                connection.StopOpening();
                _tracker.Run("closing a connection of no more use", () => connection.CloseAsync("nobody uses it any more"));
            }
        }
    }

    private PeerId? PeerToDial(IReadOnlyList<Multiaddr> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentOutOfRangeException.ThrowIfZero(addresses.Count, nameof(addresses));
        ThrowIfStopped();
        PeerId? peer = OnePeerOf(addresses);
        return PeerId.Equals(peer) ? throw HostErrors.ToSelf(PeerId) : peer;
    }

    private static PeerId? OnePeerOf(IReadOnlyList<Multiaddr> addresses)
    {
        PeerId[] named = [.. addresses.Select(a => a.PeerId).OfType<PeerId>().Distinct()];
        return named.Length <= 1
            ? named.FirstOrDefault()
            : throw new ArgumentException($"The addresses are of {named.Length} peers; connect to one at a time.", nameof(addresses));
    }

    private static void ThrowIfOwn(string protocol)
    {
        if (protocol is IdentifyService.Protocol or IdentifyService.PushProtocol or PingService.Protocol)
        {
            throw new ArgumentException($"{protocol} is answered by the host itself.", nameof(protocol));
        }
    }

    private Libp2pConnection BestConnection(PeerId peer)
    {
        ThrowIfStopped();
        return _table.TryGetBest(peer, out Libp2pConnection? connection) ? connection : throw HostErrors.NotConnected(peer);
    }

    private async Task<Libp2pConnection> DialAsync(IReadOnlyList<Multiaddr> addresses, PeerId? peer, CancellationToken wanted)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wanted, _stopping.Token);
        // held until the connection is there, so that one that nobody waits for any more is closed and not forgotten
        using ConnectionLease? lease = peer is null ? null : _leases.Take(peer);
        if (_table.RefusalFor(ConnectionDirection.Outbound) is { } refusal)
        {
            throw new Libp2pException(Libp2pErrorIds.LimitExceeded, $"Not dialed: {refusal}.");
        }
        UpgradedConnection upgraded;
        await _dialTurns.WaitAsync(either.Token).ConfigureAwait(false);
        try
        {
            upgraded = await _dialer.DialAsync(addresses, peer, either.Token).ConfigureAwait(false);
        }
        finally
        {
            _dialTurns.Release();
        }
        try
        {
            Libp2pConnection connection = await _connections.AdoptAsync(upgraded, announce: peer is null || _protection.IsProtected(peer)).ConfigureAwait(false);
            if (peer is not null)
            {
                _leases.Opened(peer, () => _table.IsOnlyDialed(peer) && !_protection.IsProtected(peer));
            }
            return connection;
        }
        catch (Libp2pException error) when (
            error.ErrorId == Libp2pErrorIds.LimitExceeded && _table.TryGetBest(upgraded.RemotePeer, out Libp2pConnection? connected))
        {
            // the peer dialed us meanwhile: what the caller asked for is there
            return connected;
        }
    }
}
