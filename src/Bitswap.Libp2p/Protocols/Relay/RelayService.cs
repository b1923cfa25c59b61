using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Relay.Wire;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// The relay of circuit relay v2 (libp2p specs, relay/circuit-v2.md), for the peers that the options name or any: a bounded number of reservations, and of connections that are
/// joined to those who hold one, each for a bounded time and a bounded number of bytes. It dials no peer, and relays over no relay.
/// </summary>
internal sealed class RelayService
{
    // one that is over is not used; its connection is kept for so long at most
    private static readonly TimeSpan _expiryInterval = TimeSpan.FromMinutes(1);

    private static readonly string[] _stop = [RelayClient.StopProtocol];

    private readonly RelayHost _host;
    private readonly RelayOptions _options;
    private readonly RelayTable _table;
    private readonly HashSet<PeerId> _allowed;

    /// <summary>Begins to serve.</summary>
    public RelayService(RelayHost host)
    {
        _host = host;
        _options = host.Options.Relay;
        _table = new RelayTable(_options, host.Options.Clock, host.Options.SplitsMachine, host.Leases.Take);
        _allowed = [.. _options.RelayPeers];
        // one that is dialled through here holds a stream for each, and one more asks
        host.Protocols.Set(RelayClient.HopProtocol, new ProtocolHandler(ServeAsync, _options.MaxRelayCircuitsPerPeer + 2));
    }

    /// <summary>Gets how many reservations hold.</summary>
    public int Reservations => _table.Reservations;

    /// <summary>Gets how many connections are relayed.</summary>
    public int Circuits => _table.Circuits;

    /// <summary>Ends reservations in time, until the host stops.</summary>
    public void Start(CancellationToken stopping) => _host.Tracker.Run("ending reservations", async () =>
    {
        while (true)
        {
            await Task.Delay(_expiryInterval, _host.Options.Clock, stopping).ConfigureAwait(false);
            _table.Expire();
        }
    });

    /// <summary>Notes that a connection has ended, and with the last of a peer its reservation.</summary>
    public void Closed(Libp2pConnection connection)
    {
        if (DirectTo(connection.RemotePeer) is null)
        {
            _table.Forget(connection.RemotePeer);
        }
    }

    private async Task ServeAsync(Libp2pStream stream, CancellationToken ct)
    {
        RelayChannel channel = new(stream, _host.Tracker, _host.Options.Clock);
        try
        {
            await ServeAsync(channel, stream.Connection, ct).ConfigureAwait(false);
            channel.Abort();
        }
        catch
        {
            channel.Reset();
            throw;
        }
        finally
        {
            await channel.Ended.ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(RelayChannel channel, Libp2pConnection source, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_host.Options.NegotiationTimeout, _host.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        HopMessage answer;
        try
        {
            HopMessage request = await RelayFrames.ReadAsync(channel, HopMessage.Parser, either.Token).ConfigureAwait(false);
            switch (request)
            {
                case { HasType: true, Type: HopMessage.Types.Type.Reserve }:
                    answer = Reserve(source);
                    break;
                case { HasType: true, Type: HopMessage.Types.Type.Connect }:
                    await JoinAsync(channel, source, request.Peer, ct).ConfigureAwait(false);
                    return;
                default:
                    answer = Status(RelayStatus.UnexpectedMessage);
                    break;
            }
        }
        catch (Libp2pException error) when (error.ErrorId == Libp2pErrorIds.ProtocolViolation)
        {
            Log.RelayMessageRefused(_host.Logger, source.RemotePeer.ToString(), error.Message);
            answer = Status(RelayStatus.MalformedMessage);
        }
        await RelayFrames.WriteAsync(channel, answer, either.Token).ConfigureAwait(false);
    }

    private HopMessage Reserve(Libp2pConnection source)
    {
        if (source.Circuit is not null || (_allowed.Count > 0 && !_allowed.Contains(source.RemotePeer)))
        {
            return Status(RelayStatus.PermissionDenied);
        }
        if (_table.Reserve(source.RemotePeer, source.RemoteIp, out string? refusal) is not { } expires)
        {
            Log.RelayMessageRefused(_host.Logger, source.RemotePeer.ToString(), refusal!);
            return Status(RelayStatus.ReservationRefused);
        }
        if (DirectTo(source.RemotePeer) is null)
        {
            // it has ended, and its end was told before it was taken in
            _table.Forget(source.RemotePeer);
            return Status(RelayStatus.ReservationRefused);
        }
        ulong expire = (ulong)expires.ToUnixTimeSeconds();
        RelayReservation given = new() { Expire = expire, Voucher = ByteString.CopyFrom(RelayVouchers.Seal(_host.Options.Identity, source.RemotePeer, expire)) };
        AddressScope reach = AddressScopes.Of(source.RemoteAddress);
        given.Addrs.AddRange(_host.DirectAddresses()
            .Where(address => AddressScopes.Of(address) >= reach)
            .Take(2 * HeldReservation.MaxAddresses)
            .Select(address => ByteString.CopyFrom(address.Bytes)));
        HopMessage answer = Status(RelayStatus.Ok);
        answer.Reservation = given;
        answer.Limit = Limit();
        return answer;
    }

    private async Task JoinAsync(RelayChannel channel, Libp2pConnection source, RelayPeer? wanted, CancellationToken ct)
    {
        if (wanted is null || !PeerId.TryFromBytes(wanted.Id.Span, out PeerId? peer))
        {
            throw RelayFrames.Malformed("it names no peer to connect to");
        }
        using RelayPlace? place = Take(source, peer, out RelayStatus refused);
        Libp2pConnection? target = place is null ? null : DirectTo(peer);
        RelayChannel? other = target is null ? null : await StopAsync(target, source.RemotePeer, ct).ConfigureAwait(false);
        if (other is null)
        {
            RelayStatus status = place is null ? refused : target is null ? RelayStatus.NoReservation : RelayStatus.ConnectionFailed;
            await RelayFrames.WriteAsync(channel, Status(status), ct).ConfigureAwait(false);
            return;
        }
        try
        {
            HopMessage answer = Status(RelayStatus.Ok);
            answer.Limit = Limit();
            await RelayFrames.WriteAsync(channel, answer, ct).ConfigureAwait(false);
            Log.Relaying(_host.Logger, source.RemotePeer.ToString(), peer.ToString());
            string end = await new RelayJoin(channel, other, _options, _host.Options.Clock).RunAsync(ct).ConfigureAwait(false);
            Log.Relayed(_host.Logger, source.RemotePeer.ToString(), peer.ToString(), channel.Received, other.Received, end);
        }
        catch
        {
            other.Reset();
            throw;
        }
        finally
        {
            other.Abort();
            await other.Ended.ConfigureAwait(false);
        }
    }

    private RelayPlace? Take(Libp2pConnection source, PeerId peer, out RelayStatus refused)
    {
        if (source.Circuit is not null || peer.Equals(source.RemotePeer))
        {
            refused = RelayStatus.PermissionDenied;
            return null;
        }
        if (!_table.IsReserved(peer))
        {
            refused = RelayStatus.NoReservation;
            return null;
        }
        refused = RelayStatus.ResourceLimitExceeded;
        return _table.TryTake(source.RemotePeer, peer);
    }

    /// <summary>Asks the peer that holds a reservation to take a connection in.</summary>
    /// <returns>The stream to it; null where it does not take it.</returns>
    private async Task<RelayChannel?> StopAsync(Libp2pConnection target, PeerId source, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_host.Options.NegotiationTimeout, _host.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        RelayChannel? channel = null;
        try
        {
            channel = new RelayChannel(await _host.Streams.OpenAsync(target, _stop, either.Token).ConfigureAwait(false), _host.Tracker, _host.Options.Clock);
            StopMessage request = new() { Type = StopMessage.Types.Type.Connect, Peer = new RelayPeer { Id = ByteString.CopyFrom(source.Bytes) }, Limit = Limit() };
            await RelayFrames.WriteAsync(channel, request, either.Token).ConfigureAwait(false);
            StopMessage answer = await RelayFrames.ReadAsync(channel, StopMessage.Parser, either.Token).ConfigureAwait(false);
            if (answer is { HasType: true, Type: StopMessage.Types.Type.Status, Status: RelayStatus.Ok })
            {
                return channel;
            }
            Log.RelayMessageRefused(_host.Logger, target.RemotePeer.ToString(), $"it answers {answer.Status} to a connection of {source}.");
        }
        catch (Exception error) when (error is Libp2pException || (error is OperationCanceledException && !ct.IsCancellationRequested))
        {
            Log.RelayMessageRefused(_host.Logger, target.RemotePeer.ToString(), $"it took no connection of {source}: {error.Message}");
        }
        catch
        {
            channel?.Reset();
            throw;
        }
        channel?.Reset();
        return null;
    }

    private Libp2pConnection? DirectTo(PeerId peer) =>
        Array.Find(_host.Table.Snapshot(peer), connection => connection is { IsClosing: false, Circuit: null });

    private RelayLimit? Limit()
    {
        RelayLimit limit = new();
        if (_options.MaxRelayCircuitTime > TimeSpan.Zero)
        {
            limit.Duration = (uint)_options.MaxRelayCircuitTime.TotalSeconds;
        }
        if (_options.MaxRelayCircuitBytes > 0)
        {
            limit.Data = (ulong)_options.MaxRelayCircuitBytes;
        }
        return limit.HasDuration || limit.HasData ? limit : null;
    }

    private static HopMessage Status(RelayStatus status) => new() { Type = HopMessage.Types.Type.Status, Status = status };
}
