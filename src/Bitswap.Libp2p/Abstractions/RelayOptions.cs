using Bitswap.Libp2p.Addresses;
using static Bitswap.Libp2p.Abstractions.OptionRange;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>
/// Specifies which relays (circuit relay v2) a host lets others reach it through, and what it relays itself. Peers behind a relay are dialled without any of it; by default
/// the host holds no reservation and relays nothing.
/// </summary>
public sealed record RelayOptions
{
    private const int MaxServers = 8;

    /// <summary>Gets the options used where none are given.</summary>
    public static RelayOptions Default { get; } = new();

    /// <summary>
    /// Gets the relays to hold reservations at, each address with the relay's peer id and at most 8; several addresses may be of one relay. For a host that others cannot dial.
    /// </summary>
    /// <exception cref="ArgumentException">An address without a peer id, one that leads over a relay itself or is for another transport, or too many.</exception>
    public IReadOnlyList<Multiaddr> RelayServers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count > MaxServers)
            {
                throw new ArgumentException($"{nameof(RelayServers)} has {value.Count} addresses, and {MaxServers} are the bound.", nameof(RelayServers));
            }
            if (value.FirstOrDefault(address => address.PeerId is null || !AddressTransports.IsDirect(address)) is { } wrong)
            {
                throw new ArgumentException(
                    $"{nameof(RelayServers)}: {wrong} is no address over {AddressTransports.Dialled} that ends with the relay's /p2p/ id.", nameof(RelayServers));
            }
            field = [.. value.Distinct()];
        }
    } = [];

    /// <summary>Connections that one relay may bring at one time; 1 to 1024, default 32.</summary>
    public int MaxConnectionsPerRelay { get; init => field = InRange(value, 1, 1024); } = 32;

    /// <summary>Gets how long it takes at first until a relay that did not give a reservation is asked again, twice as long each time up to 5 min; 1 s to 5 min, default 5 s.</summary>
    public TimeSpan RelayRetryDelay { get; init => field = Wait(value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets how long direct addresses of a peer have before those over a relay are tried beside them; 0 to 10 s, default 500 ms (go-libp2p, RelayDelay). Where every direct one
    /// has failed, or there is none, they are tried at once.
    /// </summary>
    public TimeSpan RelayDialDelay { get; init => field = Wait(value, TimeSpan.Zero, TimeSpan.FromSeconds(10)); } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets whether this host relays for others. False by default.</summary>
    public bool Relay { get; init; }

    /// <summary>Gets the peers that may hold reservations here; none named, the default: any, within the bounds. Who has a reservation may be reached by everyone.</summary>
    /// <exception cref="ArgumentException">A list without a peer.</exception>
    public IReadOnlyList<PeerId> RelayPeers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            // a list that came out empty by mistake would let in everyone
            field = value.Count > 0
                ? value
                : throw new ArgumentException($"{nameof(RelayPeers)} names no peer. Name one or more; without the option any peer may hold a reservation.", nameof(RelayPeers));
        }
    } = [];

    /// <summary>Reservations that peers hold here at one time; 1 to 4096, default 64.</summary>
    public int MaxRelayReservations { get; init => field = InRange(value, 1, 4096); } = 64;

    /// <summary>Of these, those from one address (IPv6: one /56); 1 to 4096, default 8.</summary>
    public int MaxRelayReservationsPerAddress { get; init => field = InRange(value, 1, 4096); } = 8;

    /// <summary>Of these, those from one subnet (IPv4: /24, IPv6: /48); 1 to 4096, default 16.</summary>
    public int MaxRelayReservationsPerSubnet { get; init => field = InRange(value, 1, 4096); } = 16;

    /// <summary>Of these, those from this machine; 1 to 4096, default 32.</summary>
    public int MaxRelayReservationsOfMachine { get; init => field = InRange(value, 1, 4096); } = 32;

    /// <summary>Gets how long a reservation holds; 1 min to a day, default 1 h. Its holder renews it before.</summary>
    public TimeSpan RelayReservationTime { get; init => field = Wait(value, TimeSpan.FromMinutes(1)); } = TimeSpan.FromHours(1);

    /// <summary>Relayed connections at one time; 1 to 4096, default 64.</summary>
    public int MaxRelayCircuits { get; init => field = InRange(value, 1, 4096); } = 64;

    /// <summary>Of these, those that one peer dials, and those that lead to one peer; 1 to 1024, default 16.</summary>
    public int MaxRelayCircuitsPerPeer { get; init => field = InRange(value, 1, 1024); } = 16;

    /// <summary>Gets how long a relayed connection may last; 0, which is no limit, or 1 s to a day. Default 30 min.</summary>
    public TimeSpan MaxRelayCircuitTime
    {
        get;
        init => field = value == TimeSpan.Zero ? value : Wait(TimeSpan.FromSeconds(Math.Floor(value.TotalSeconds)), TimeSpan.FromSeconds(1));
    } = TimeSpan.FromMinutes(30);

    /// <summary>Bytes that a relayed connection may carry each way; 0, which is no limit, or 4 KiB to 1 TiB. Default 64 MiB.</summary>
    public long MaxRelayCircuitBytes { get; init => field = value == 0 ? 0 : InRange(value, 4L << 10, 1L << 40); } = 64L << 20;
}
