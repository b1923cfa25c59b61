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
        Reach = (addresses, relay, terms, ct) => ReachAsync(addresses, relay, terms, _relayDials, ct),
        Admit = AdmitAsync,
        DirectAddresses = () => OwnAddress.ToAnnounce(_own.Read()).Where(own => own.Origin != AddressOrigin.Relayed).Select(own => own.Address),
        Logger = _logger,
    };

    private void Ended(Libp2pConnection connection)
    {
        _own.Closed(connection);
        _relay?.Closed(connection);
    }
}
