using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Protocols.Relay;
using Bitswap.Libp2p.Reachability;

namespace Bitswap.Libp2p.Hosting;

/// <content>What the relay protocol needs of the host.</content>
public sealed partial class Libp2pHost
{
    /// <summary>Gets the relays at which the host holds reservations now.</summary>
    internal IReadOnlyList<HeldReservation> Reservations => _reservations?.Held ?? [];

    /// <summary>Gets what asks relays.</summary>
    internal RelayClient Relays => _relays;

    /// <summary>Gets what relays for others; null where nothing does.</summary>
    internal RelayService? Relay => _relay;

    private RelayHost DescribeForRelays() => new()
    {
        Options = _options,
        Self = PeerId,
        Table = _table,
        Streams = _streams,
        Protocols = _protocols,
        Upgrader = _upgrader,
        Leases = _leases,
        Pending = _pending,
        Tracker = _tracker,
        Reach = ReachRelayAsync,
        Admit = AdmitAsync,
        DirectAddresses = () => OwnAddress.ToAnnounce(_own.Read()).Where(own => own.Origin != AddressOrigin.Relayed).Select(own => own.Address),
        Logger = _logger,
    };

    private async ValueTask<Libp2pConnection> ReachRelayAsync(IReadOnlyList<Multiaddr> addresses, PeerId relay, DialTerms? terms, int maxAttempts, CancellationToken ct)
    {
        bool isRelayed = _table.TryGetBest(relay, out Libp2pConnection? best) && best.Circuit is not null;
        // within the turn of the dial that leads over it, which would wait for itself otherwise
        Libp2pConnection connection =
            await ReachAsync(addresses, relay, terms, _relayDials, token => _dialer.DialRelayAsync(addresses, relay, terms, maxAttempts, token), ct).ConfigureAwait(false);
        if (isRelayed)
        {
            // what was there before outlasts this use
            _leases.Keep(relay);
        }
        // the relay announces this host, and speaks to it as to any peer: it has to be one here, too
        await _table.Announce(relay).ConfigureAwait(false);
        return connection;
    }

    private void Ended(Libp2pConnection connection)
    {
        _own.Closed(connection);
        _relay?.Closed(connection);
    }
}
