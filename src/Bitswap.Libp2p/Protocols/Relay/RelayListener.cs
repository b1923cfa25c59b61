using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Relay.Wire;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// Takes in the connections that a relay brings (circuit-v2.md, "Stop Protocol"), of relays alone at which this host holds a reservation. They have their places under the limits
/// by the relay's address, since the peer's own is not known.
/// </summary>
internal sealed class RelayListener
{
    private readonly RelayHost _host;
    private readonly Func<PeerId, bool> _isReserved;

    /// <summary>Begins to answer.</summary>
    /// <param name="host">The host.</param>
    /// <param name="isReserved">Whether it holds a reservation at a relay.</param>
    public RelayListener(RelayHost host, Func<PeerId, bool> isReserved)
    {
        _host = host;
        _isReserved = isReserved;
        host.Protocols.Set(RelayClient.StopProtocol, new ProtocolHandler(TakeInAsync, host.Options.Relay.MaxConnectionsPerRelay));
    }

    private async Task TakeInAsync(Libp2pStream stream, CancellationToken ct)
    {
        RelayChannel channel = new(stream, _host.Tracker, _host.Options.Clock);
        using PlaceHolder place = new();
        PeerId? peer;
        try
        {
            peer = await AnswerAsync(channel, stream.Connection, place, ct).ConfigureAwait(false);
        }
        catch
        {
            channel.Reset();
            throw;
        }
        if (peer is null)
        {
            channel.Abort();
            await channel.Ended.ConfigureAwait(false);
            return;
        }
        Libp2pConnection connection;
        try
        {
            RawConnection raw = RelayHost.Raw(channel, stream.Connection, channel.Circuit!);
            UpgradedConnection upgraded = await _host.Upgrader.UpgradeAsync(raw, ConnectionDirection.Inbound, peer, ct, pending: place.Pending).ConfigureAwait(false);
            place.Dispose();
            connection = await _host.Admit(upgraded).ConfigureAwait(false);
        }
        catch (Libp2pException error)
        {
            Log.HandshakeFailed(_host.Logger, $"{peer} behind the relay {stream.RemotePeer}", error);
            await channel.Ended.ConfigureAwait(false);
            return;
        }
        await connection.Ended.ConfigureAwait(false);
        await channel.Ended.ConfigureAwait(false);
    }

    /// <summary>Reads the relay's message and answers it.</summary>
    /// <returns>Who dials, by the relay's word; null where the connection is refused.</returns>
    private async Task<PeerId?> AnswerAsync(RelayChannel channel, Libp2pConnection relay, PlaceHolder place, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_host.Options.NegotiationTimeout, _host.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        PeerId? peer = null;
        RelayStatus status;
        try
        {
            StopMessage message = await RelayFrames.ReadAsync(channel, StopMessage.Parser, either.Token).ConfigureAwait(false);
            status = Judge(message, relay, channel, place, out peer);
            channel.Circuit = RelayClient.CircuitOf(relay.RemotePeer, message.Limit);
        }
        catch (Libp2pException error) when (error.ErrorId == Libp2pErrorIds.ProtocolViolation)
        {
            Log.RelayMessageRefused(_host.Logger, relay.RemotePeer.ToString(), error.Message);
            status = RelayStatus.MalformedMessage;
        }
        await RelayFrames.WriteAsync(channel, new StopMessage { Type = StopMessage.Types.Type.Status, Status = status }, either.Token).ConfigureAwait(false);
        return status == RelayStatus.Ok ? peer : null;
    }

    private RelayStatus Judge(StopMessage message, Libp2pConnection relay, RelayChannel channel, PlaceHolder place, out PeerId? peer)
    {
        peer = null;
        if (!message.HasType || message.Type != StopMessage.Types.Type.Connect)
        {
            return RelayStatus.UnexpectedMessage;
        }
        if (message.Peer is null || !PeerId.TryFromBytes(message.Peer.Id.Span, out peer))
        {
            return RelayStatus.MalformedMessage;
        }
        if (relay.Circuit is not null || !_isReserved(relay.RemotePeer) || peer.Equals(_host.Self) || peer.Equals(relay.RemotePeer))
        {
            return RelayStatus.PermissionDenied;
        }
        string? refusal = _host.Table.RefusalFor(ConnectionDirection.Inbound, relay.RemoteIp);
        if (refusal is null)
        {
            place.Pending = _host.Pending.TryAdd(relay.RemoteIp, () => channel.Received > 0, out refusal);
        }
        if (refusal is not null)
        {
            Log.SocketRefused(_host.Logger, $"{peer} behind the relay {relay.RemotePeer}", refusal);
            return RelayStatus.ResourceLimitExceeded;
        }
        return RelayStatus.Ok;
    }

    /// <summary>Holds a place among the connections that are not secured yet, once it is taken.</summary>
    private sealed class PlaceHolder : IDisposable
    {
        public PendingHandshake? Pending { get; set; }

        public void Dispose()
        {
            Pending?.Dispose();
            Pending = null;
        }
    }
}
