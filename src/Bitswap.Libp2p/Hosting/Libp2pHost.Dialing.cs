using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Hosting;

/// <content>Connecting to peers, and letting go of what is not used.</content>
public sealed partial class Libp2pHost
{
    /// <summary>
    /// Connects to a peer, unless it is connected already. Its addresses are raced as RFC 8305 has it. Calls for a peer that is being
    /// dialed share that dial. The connection stays when leases on it end.
    /// </summary>
    /// <param name="addresses">Addresses of one peer. Those with a peer id must agree; without any, the peer that answers is taken.</param>
    /// <param name="ct">Ends the wait; the dial ends when no caller waits for it.</param>
    /// <returns>A connection, which was announced by <see cref="PeerConnected"/>.</returns>
    /// <exception cref="ArgumentException">No address, or addresses of different peers.</exception>
    /// <exception cref="Libp2pException">
    /// PeerUnreachable, with a line for each address; where all failed in one other way, the id of that, such as PeerIdMismatch or
    /// UnsupportedAddress. DialToSelf, LimitExceeded, NodeStopped.
    /// </exception>
    public ValueTask<Libp2pConnection> ConnectAsync(IReadOnlyList<Multiaddr> addresses, CancellationToken ct = default) => ConnectAsync(addresses, null, ct);

    /// <summary>Connects to a peer at addresses that others gave, or, without terms, as the other overload.</summary>
    /// <param name="addresses">Addresses of one peer.</param>
    /// <param name="terms">On what terms they are dialled; null where the caller answers for them.</param>
    /// <param name="ct">Ends the wait; the dial ends when no caller waits for it.</param>
    /// <exception cref="ArgumentException">No address, or addresses of different peers.</exception>
    /// <exception cref="Libp2pException">As the other overload throws them.</exception>
    public async ValueTask<Libp2pConnection> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken ct)
    {
        PeerId? peer = PeerToDial(addresses);
        using ConnectionLease? lease = peer is null ? null : _leases.Take(peer);
        Libp2pConnection connection = await ReachAsync(addresses, peer, terms, ct).ConfigureAwait(false);
        _leases.Keep(connection.RemotePeer);
        await _table.Announce(connection.RemotePeer).ConfigureAwait(false);
        return connection;
    }

    /// <summary>
    /// Connects to a peer for as long as the lease is held, which the caller must dispose. A connection that was opened for leases alone is closed
    /// when the last ends, unless <see cref="ConnectAsync(IReadOnlyList{Multiaddr}, CancellationToken)"/> or <see cref="KeepAsync"/> was called for its peer before.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="addresses">Its addresses, with its id or without; may be empty where it is connected.</param>
    /// <param name="terms">On what terms they are dialled; null where the caller answers for them.</param>
    /// <param name="ct">Ends the wait; the dial ends when no caller waits for it.</param>
    /// <exception cref="ArgumentException">An address of another peer.</exception>
    /// <exception cref="Libp2pException">PeerUnreachable, where it is not connected and no address is given; and as <see cref="ConnectAsync(IReadOnlyList{Multiaddr}, CancellationToken)"/> throws them.</exception>
    public async ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms = null, CancellationToken ct = default)
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
            await ReachAsync(addresses, peer, terms, ct).ConfigureAwait(false);
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

    /// <summary>Connects to a peer without announcing it. The caller holds a lease on it, if its id is known.</summary>
    internal ValueTask<Libp2pConnection> ReachAsync(IReadOnlyList<Multiaddr> addresses, PeerId? peer, DialTerms? terms, CancellationToken ct) =>
        ReachAsync(addresses, peer, terms, _dials, token => InTurnAsync(() => _dialer.DialAsync(addresses, peer, terms, token), token), ct);

    private async ValueTask<Libp2pConnection> ReachAsync(
        IReadOnlyList<Multiaddr> addresses, PeerId? peer, DialTerms? terms, SharedDials dials, Func<CancellationToken, Task<UpgradedConnection>> dial, CancellationToken ct)
    {
        string key = peer?.ToString() ?? string.Join(' ', addresses.Select(a => a.ToString()).Order(StringComparer.Ordinal));
        try
        {
            while (true)
            {
                if (peer is not null && _table.TryGetBest(peer, out Libp2pConnection? connected)
                    && (dials != _relayDials || connected.Circuit is null || addresses.Count == 0))
                {
                    return connected;
                }
                if (addresses.Count == 0)
                {
                    throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"{peer} is not connected, and no address of it is known.");
                }
                (Task<Libp2pConnection> shared, bool triedAll) =
                    await dials.JoinAsync(key, addresses, terms, token => DialAsync(dial, peer, token), ct).ConfigureAwait(false);
                if (triedAll || shared.IsCompletedSuccessfully)
                {
                    return await shared.ConfigureAwait(false);
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

    /// <summary>Closes in the background what was dialed for leases that have ended. No new stream is opened on it from now on.</summary>
    private void CloseUnused(PeerId peer)
    {
        foreach (Libp2pConnection connection in _table.Snapshot(peer))
        {
            // one that the peer has just opened is its own
            if (connection.Direction == ConnectionDirection.Outbound)
            {
                connection.StopOpening();
                _tracker.Run("closing a connection of no more use", () => connection.CloseAsync("it is used no more"));
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

    private async Task<Libp2pConnection> DialAsync(Func<CancellationToken, Task<UpgradedConnection>> dial, PeerId? peer, CancellationToken wanted)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wanted, _stopping.Token);
        // held until the connection is there, so that one that no caller waits for any more is closed and not forgotten
        using ConnectionLease? lease = peer is null ? null : _leases.Take(peer);
        if (_table.RefusalFor(ConnectionDirection.Outbound) is { } refusal)
        {
            throw new Libp2pException(Libp2pErrorIds.LimitExceeded, $"Not dialed: {refusal}.");
        }
        UpgradedConnection upgraded = await dial(either.Token).ConfigureAwait(false);
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
            // the peer dialed us at the same time: what the caller asked for is there
            return connected;
        }
    }

    private async Task<UpgradedConnection> InTurnAsync(Func<Task<UpgradedConnection>> dial, CancellationToken ct)
    {
        await _dialTurns.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await dial().ConfigureAwait(false);
        }
        finally
        {
            _dialTurns.Release();
        }
    }
}
