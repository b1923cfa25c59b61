using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.AutoNat;
using Bitswap.Libp2p.Protocols.Identify;
using Bitswap.Libp2p.Protocols.Ping;
using Bitswap.Libp2p.Protocols.Relay;

namespace Bitswap.Libp2p.Hosting;

public sealed partial class Libp2pHost
{
    /// <summary>
    /// Gets or sets what a peer is worth when connections are closed for want of room: those with the lowest score go first. Null, the default: all
    /// alike. It is called on a pool thread, must return soon, and counts as 0 when it throws.
    /// </summary>
    public Func<PeerId, double>? PeerScore
    {
        get => _pruner.Score;
        set => _pruner.Score = value;
    }

    /// <summary>Returns whether the peer has a connection.</summary>
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

    private void ThrowIfOwn(string protocol)
    {
        if (protocol is IdentifyService.Protocol or IdentifyService.PushProtocol or PingService.Protocol or AutoNatClient.DialBackProtocol
            || (protocol == RelayClient.HopProtocol && _relay is not null) || (protocol == RelayClient.StopProtocol && _reservations is not null))
        {
            throw new ArgumentException($"{protocol} is answered by the host itself.", nameof(protocol));
        }
    }

    private Libp2pConnection BestConnection(PeerId peer)
    {
        ThrowIfStopped();
        return _table.TryGetBest(peer, out Libp2pConnection? connection) ? connection : throw HostErrors.NotConnected(peer);
    }
}
