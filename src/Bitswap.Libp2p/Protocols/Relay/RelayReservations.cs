using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// Holds a reservation at each relay that the options name, and renews it before it ends. A relay that is lost, or gives none, is asked again.
/// Thread-safe.
/// </summary>
internal sealed class RelayReservations
{
    private static readonly TimeSpan _maxRetryDelay = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly RelayHost _host;
    private readonly RelayClient _client;
    private readonly Action _changed;
    private readonly Dictionary<PeerId, HeldReservation> _held = [];
    private readonly ILookup<PeerId, Multiaddr> _servers;

    /// <summary>Begins without one.</summary>
    /// <param name="host">The host.</param>
    /// <param name="client">Asks.</param>
    /// <param name="changed">Called when this host is reached through other relays than before.</param>
    public RelayReservations(RelayHost host, RelayClient client, Action changed)
    {
        _host = host;
        _client = client;
        _changed = changed;
        _servers = host.Options.Relay.RelayServers.ToLookup(address => address.PeerId!);
    }

    /// <summary>Gets the reservations that hold.</summary>
    public IReadOnlyList<HeldReservation> Held
    {
        get
        {
            lock (_gate)
            {
                return [.. _held.Values.Where(reservation => reservation.Left(_host.Options.Clock) > TimeSpan.Zero)];
            }
        }
    }

    /// <summary>Returns whether this host holds a reservation there.</summary>
    public bool IsHeldAt(PeerId relay) => Held.Any(reservation => reservation.Relay.Equals(relay));

    /// <summary>Gets where this host is reached through them, without its own peer id: first the addresses by which it found each relay itself.</summary>
    public IReadOnlyList<Multiaddr> Addresses =>
    [
        .. Held.SelectMany(reservation => _servers[reservation.Relay].Concat(reservation.Addresses).Distinct().Take(HeldReservation.MaxAddresses)).Select(RelayedAddress.Of),
    ];

    /// <summary>Begins to hold them, until the host stops.</summary>
    public void Start(CancellationToken stopping)
    {
        foreach (IGrouping<PeerId, Multiaddr> relay in _servers)
        {
            _host.Tracker.Run("holding a reservation at a relay", () => HoldAsync(relay.Key, [.. relay], stopping));
        }
    }

    private async Task HoldAsync(PeerId relay, IReadOnlyList<Multiaddr> addresses, CancellationToken stopping)
    {
        TimeSpan firstDelay = _host.Options.Relay.RelayRetryDelay;
        TimeSpan delay = firstDelay;
        // held throughout: a reservation is bound to the connection (circuit-v2.md, "Reservation")
        using ConnectionLease lease = _host.Leases.Take(relay);
        while (true)
        {
            Libp2pConnection? connection = null;
            bool isReserved = false;
            try
            {
                connection = await _client.ReachAsync(relay, addresses, null, _host.Options.MaxAddressesPerDial, stopping).ConfigureAwait(false);
                HeldReservation reservation = await _client.ReserveAsync(connection, stopping).ConfigureAwait(false);
                Log.Reserved(_host.Logger, relay.ToString(), reservation.Lifetime, reservation.Circuit.ToString());
                Keep(reservation);
                isReserved = true;
                delay = firstDelay;
                await WaitAsync(reservation.RenewalDelay, connection, stopping).ConfigureAwait(false);
            }
            catch (Libp2pException error)
            {
                Log.NotReserved(_host.Logger, relay.ToString(), delay, error);
            }
            bool isConnected = connection is { IsClosing: false };
            if (!isConnected || !IsHeldAt(relay))
            {
                Drop(relay);
            }
            if (!isConnected || !isReserved)
            {
                await Task.Delay(delay, _host.Options.Clock, stopping).ConfigureAwait(false);
                delay = delay * 2 < _maxRetryDelay ? delay * 2 : _maxRetryDelay;
            }
        }
    }

    private async Task WaitAsync(TimeSpan time, Libp2pConnection connection, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, connection.Closing);
        await Task.Delay(time, _host.Options.Clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.ThrowIfCancellationRequested();
    }

    private void Keep(HeldReservation reservation)
    {
        bool isNew;
        lock (_gate)
        {
            isNew = !_held.TryGetValue(reservation.Relay, out HeldReservation? before) || !before.Addresses.SequenceEqual(reservation.Addresses);
            _held[reservation.Relay] = reservation;
        }
        if (isNew)
        {
            _changed();
        }
    }

    private void Drop(PeerId relay)
    {
        bool removed;
        lock (_gate)
        {
            removed = _held.Remove(relay);
        }
        if (removed)
        {
            _changed();
        }
    }
}
