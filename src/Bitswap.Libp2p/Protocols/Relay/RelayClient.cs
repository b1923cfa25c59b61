using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Relay.Wire;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// The client of circuit relay v2 (libp2p specs, relay/circuit-v2.md): it dials peers through relays, holds reservations, and takes in the connections that a relay brings
/// where this host holds one. What comes of it is a connection like any other, secured between the two peers: the relay sees their ids and how much they send.
/// </summary>
internal sealed class RelayClient
{
    /// <summary>With it peers ask a relay.</summary>
    public const string HopProtocol = "/libp2p/circuit/relay/0.2.0/hop";

    /// <summary>With it a relay brings a connection.</summary>
    public const string StopProtocol = "/libp2p/circuit/relay/0.2.0/stop";

    private static readonly string[] _hop = [HopProtocol];

    private readonly RelayHost _host;

    public RelayClient(RelayHost host) => _host = host;

    /// <summary>Connects to a peer through a relay, which is dialled if it is not connected.</summary>
    /// <param name="address">The relay and the peer behind it.</param>
    /// <param name="terms">On what terms the relay is dialled; null where the caller answers for its address.</param>
    /// <param name="maxAttempts">How many addresses of the relay are tried at most, since its own may be a name of many.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="Libp2pException">
    /// RelayNoReservation, RelayResourceLimit, RelayPermissionDenied, RelayConnectionFailed; ProtocolNotSupported where the other is no relay; ProtocolViolation; what dialling
    /// the relay or securing the connection may give.
    /// </exception>
    public async Task<UpgradedConnection> ConnectAsync(RelayedAddress address, DialTerms? terms, int maxAttempts, CancellationToken ct)
    {
        if (address.RelayPeer.Equals(_host.Self))
        {
            throw new Libp2pException(Libp2pErrorIds.DialToSelf, $"{address.Address} leads over this host itself.");
        }
        if (address.RelayPeer.Equals(address.Peer))
        {
            throw new Libp2pException(Libp2pErrorIds.UnsupportedAddress, $"{address.Address} names one peer as the relay and as the peer behind it.");
        }
        ConnectionLease lease = _host.Leases.Take(address.RelayPeer);
        RelayChannel channel;
        Libp2pConnection relay;
        try
        {
            relay = await ReachAsync(address.RelayPeer, [address.Relay], terms, maxAttempts, ct).ConfigureAwait(false);
            channel = new RelayChannel(await OpenHopAsync(relay, ct).ConfigureAwait(false), _host.Tracker, _host.Options.Clock, lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
        RelayCircuit circuit;
        try
        {
            HopMessage request = new() { Type = HopMessage.Types.Type.Connect, Peer = new RelayPeer { Id = ByteString.CopyFrom(address.Peer.Bytes) } };
            HopMessage answer = await AskAsync(channel, request, ct).ConfigureAwait(false);
            if (answer.Status != RelayStatus.Ok)
            {
                throw RelayErrors.Refused(address.RelayPeer, address.Peer, answer.Status);
            }
            channel.Circuit = circuit = CircuitOf(address.RelayPeer, answer.Limit);
        }
        catch
        {
            channel.Reset();
            throw;
        }
        return await _host.Upgrader.UpgradeAsync(RelayHost.Raw(channel, relay, circuit), ConnectionDirection.Outbound, address.Peer, ct).ConfigureAwait(false);
    }

    /// <summary>Reserves at a relay, or renews what is reserved there.</summary>
    /// <param name="relay">A direct connection with it.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="Libp2pException">
    /// RelayResourceLimit, RelayPermissionDenied; ProtocolNotSupported where the other is no relay; ProtocolViolation: the voucher is wrong; StreamReset, ConnectionClosed, HandshakeTimeout.
    /// </exception>
    public async Task<HeldReservation> ReserveAsync(Libp2pConnection relay, CancellationToken ct)
    {
        RelayChannel channel = new(await OpenHopAsync(relay, ct).ConfigureAwait(false), _host.Tracker, _host.Options.Clock);
        try
        {
            HopMessage answer = await AskAsync(channel, new HopMessage { Type = HopMessage.Types.Type.Reserve }, ct).ConfigureAwait(false);
            if (answer.Status != RelayStatus.Ok)
            {
                throw RelayErrors.NotReserved(relay.RemotePeer, answer.Status);
            }
            HeldReservation reservation = Read(relay, answer);
            channel.Abort();
            return reservation;
        }
        catch
        {
            channel.Reset();
            throw;
        }
    }

    /// <summary>Returns what a relay says of a connection.</summary>
    public static RelayCircuit CircuitOf(PeerId relay, RelayLimit? limit) => new(
        relay,
        limit is { Duration: > 0 } ? TimeSpan.FromSeconds(limit.Duration) : null,
        limit is { Data: > 0 } ? (long)Math.Min(limit.Data, long.MaxValue) : null);

    /// <summary>Returns a direct connection with a relay.</summary>
    public async Task<Libp2pConnection> ReachAsync(PeerId relay, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, int maxAttempts, CancellationToken ct)
    {
        Libp2pConnection connection = await _host.Reach(addresses, relay, terms, maxAttempts, ct).ConfigureAwait(false);
        return connection.Circuit is null
            ? connection
            : throw new Libp2pException(
                Libp2pErrorIds.PeerUnreachable, $"The relay {relay} is connected over another relay alone, and a connection does not go over two.");
    }

    private async Task<Libp2pStream> OpenHopAsync(Libp2pConnection relay, CancellationToken ct)
    {
        try
        {
            return await _host.Streams.OpenAsync(relay, _hop, ct).ConfigureAwait(false);
        }
        catch (Libp2pException refused) when (refused.ErrorId == Libp2pErrorIds.ProtocolNotSupported)
        {
            throw new Libp2pException(Libp2pErrorIds.ProtocolNotSupported, $"{relay.RemotePeer} is no relay: it does not answer {HopProtocol}.", refused);
        }
    }

    private async Task<HopMessage> AskAsync(RelayChannel channel, HopMessage request, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_host.Options.DialTimeout, _host.Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            await RelayFrames.WriteAsync(channel, request, either.Token).ConfigureAwait(false);
            HopMessage answer = await RelayFrames.ReadAsync(channel, HopMessage.Parser, either.Token).ConfigureAwait(false);
            return answer is { HasType: true, Type: HopMessage.Types.Type.Status, HasStatus: true }
                ? answer
                : throw RelayFrames.Malformed($"it is {answer.Type}, and a status is due");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(Libp2pErrorIds.HandshakeTimeout, $"The relay did not answer within {_host.Options.DialTimeout}.");
        }
    }

    private HeldReservation Read(Libp2pConnection relay, HopMessage answer)
    {
        RelayReservation given = answer.Reservation ?? throw RelayFrames.Malformed("it says OK to a reservation, and has none");
        if (given.HasVoucher)
        {
            // advisory, by the specification; one that is there has to be right
            RelayVouchers.Verify(given.Voucher.Span, relay.RemotePeer, _host.Self);
        }
        TimeProvider clock = _host.Options.Clock;
        AddressScope source = AddressScopes.Of(relay.RemoteAddress);
        Multiaddr[] addresses =
        [
            .. given.Addrs
                .Select(bytes => Multiaddr.TryFromBytes(bytes.Span, out Multiaddr? address) ? address : null)
                .OfType<Multiaddr>()
                .Where(address => !RelayedAddress.IsRelayed(address) && (address.PeerId is null || address.PeerId.Equals(relay.RemotePeer)))
                .Where(address => AddressTransports.IsDirect(address) && _host.Options.DialRule.Admits(address, source))
                .Select(address => address.WithPeerId(relay.RemotePeer))
                .Distinct()
                .Take(HeldReservation.MaxAddresses),
        ];
        return new HeldReservation(relay.RemotePeer, HeldReservation.LifetimeOf(given.Expire, clock.GetUtcNow()), clock.GetTimestamp(), addresses, CircuitOf(relay.RemotePeer, answer.Limit));
    }
}

/// <summary>Represents a reservation of this host at a relay.</summary>
/// <param name="Relay">The relay.</param>
/// <param name="Lifetime">How long it holds from when it was given, unless it is renewed.</param>
/// <param name="Since">When it was given, by <see cref="TimeProvider.GetTimestamp"/>: that the clock of one side is set does not end it.</param>
/// <param name="Addresses">Where the relay says that it is reached, each with its peer id.</param>
/// <param name="Circuit">What it says of the connections that it will bring.</param>
internal sealed record HeldReservation(PeerId Relay, TimeSpan Lifetime, long Since, IReadOnlyList<Multiaddr> Addresses, RelayCircuit Circuit)
{
    /// <summary>The longest that one is believed to hold; a relay that says more has another clock.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    /// <summary>The shortest: a relay that has just given one, and says less, has another clock.</summary>
    public static readonly TimeSpan MinTime = TimeSpan.FromMinutes(1);

    /// <summary>How long one is taken to hold of which the relay names an end that is too far off.</summary>
    public static readonly TimeSpan UsualTime = TimeSpan.FromHours(1);

    /// <summary>The longest until one is renewed: the relay's clock may be ahead of this one, and the reservation end sooner than it seems.</summary>
    public static readonly TimeSpan MaxRenewalDelay = TimeSpan.FromMinutes(30);

    // go-libp2p, rsvpExpirationSlack
    private static readonly TimeSpan _maxSlack = TimeSpan.FromMinutes(2);

    /// <summary>How many addresses of a relay are kept.</summary>
    public const int MaxAddresses = 4;

    /// <summary>Gets how long after it was given it is renewed.</summary>
    public TimeSpan RenewalDelay
    {
        get
        {
            TimeSpan slack = Lifetime / 4 < _maxSlack ? Lifetime / 4 : _maxSlack;
            return Lifetime - slack < MaxRenewalDelay ? Lifetime - slack : MaxRenewalDelay;
        }
    }

    /// <summary>Returns how long a reservation holds, of which the relay names the end by its own clock.</summary>
    /// <param name="expire">The end, in seconds since 1970.</param>
    /// <param name="now">The time here.</param>
    public static TimeSpan LifetimeOf(ulong expire, DateTimeOffset now)
    {
        if (expire > (ulong)(now + MaxTime).ToUnixTimeSeconds())
        {
            return UsualTime;
        }
        TimeSpan left = DateTimeOffset.FromUnixTimeSeconds((long)expire) - now;
        return left > MinTime ? left : MinTime;
    }

    /// <summary>Returns how much of its time is left.</summary>
    public TimeSpan Left(TimeProvider clock) => Lifetime - clock.GetElapsedTime(Since);
}

/// <summary>Makes errors of what a relay answers.</summary>
internal static class RelayErrors
{
    /// <summary>Returns why a relay did not connect this host to a peer.</summary>
    public static Libp2pException Refused(PeerId relay, PeerId peer, RelayStatus status) => status switch
    {
        RelayStatus.NoReservation => new(Libp2pErrorIds.RelayNoReservation, $"The relay {relay} says that {peer} holds no reservation there: the peer does not run, or is reached otherwise."),
        RelayStatus.ResourceLimitExceeded => new(Libp2pErrorIds.RelayResourceLimit, $"The relay {relay} has no room for another connection with {peer}."),
        RelayStatus.PermissionDenied => new(Libp2pErrorIds.RelayPermissionDenied, $"The relay {relay} does not let this host connect to {peer}."),
        RelayStatus.ConnectionFailed => new(Libp2pErrorIds.RelayConnectionFailed, $"The relay {relay} did not get through to {peer}, which holds a reservation there."),
        _ => new(Libp2pErrorIds.RelayConnectionFailed, $"The relay {relay} did not connect this host to {peer}: it answered {InWords(status)}."),
    };

    /// <summary>Returns why a relay gave no reservation.</summary>
    public static Libp2pException NotReserved(PeerId relay, RelayStatus status) => status switch
    {
        RelayStatus.ReservationRefused or RelayStatus.ResourceLimitExceeded => new(Libp2pErrorIds.RelayResourceLimit, $"The relay {relay} has no room for another reservation."),
        RelayStatus.PermissionDenied => new(Libp2pErrorIds.RelayPermissionDenied, $"The relay {relay} gives this host no reservation: it serves other peers."),
        _ => new(Libp2pErrorIds.RelayConnectionFailed, $"The relay {relay} gave no reservation: it answered {InWords(status)}."),
    };

    private static string InWords(RelayStatus status) => Enum.IsDefined(status) ? $"{status} ({(int)status})" : $"with status {(int)status}";
}
