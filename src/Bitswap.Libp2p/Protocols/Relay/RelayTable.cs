using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>
/// Represents the reservations that peers hold at this relay and the connections that it relays, each within its bounds. Thread-safe.
/// </summary>
internal sealed class RelayTable
{
    private readonly Lock _gate = new();
    private readonly RelayOptions _options;
    private readonly TimeProvider _clock;
    private readonly Func<PeerId, IDisposable> _hold;
    private readonly AddressShares _shares;
    private readonly Dictionary<PeerId, Entry> _reservations = [];
    private readonly Dictionary<PeerId, int> _circuitsOf = [];
    private int _circuits;

    /// <summary>Begins empty.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="clock">The time.</param>
    /// <param name="splitsMachine">See <see cref="Libp2pOptions.SplitsMachine"/>.</param>
    /// <param name="hold">Keeps the connection with a peer for as long as its reservation holds.</param>
    public RelayTable(RelayOptions options, TimeProvider clock, bool splitsMachine, Func<PeerId, IDisposable> hold)
    {
        _options = options;
        _clock = clock;
        _hold = hold;
        _shares = new AddressShares(
            new Share(nameof(RelayOptions.MaxRelayReservationsPerAddress), options.MaxRelayReservationsPerAddress),
            new Share(nameof(RelayOptions.MaxRelayReservationsPerSubnet), options.MaxRelayReservationsPerSubnet),
            new Share(nameof(RelayOptions.MaxRelayReservationsOfMachine), options.MaxRelayReservationsOfMachine),
            splitsMachine);
    }

    /// <summary>Gets how many reservations hold.</summary>
    public int Reservations
    {
        get
        {
            lock (_gate)
            {
                ExpireHoldingGate();
                return _reservations.Count;
            }
        }
    }

    /// <summary>Gets how many connections are relayed.</summary>
    public int Circuits
    {
        get
        {
            lock (_gate)
            {
                return _circuits;
            }
        }
    }

    /// <summary>Reserves for a peer, or renews what it holds.</summary>
    /// <returns>Until when; null where there is no room.</returns>
    public DateTimeOffset? Reserve(PeerId peer, IPAddress address, out string? refusal)
    {
        lock (_gate)
        {
            ExpireHoldingGate();
            // what the peer is told; here it is counted from the timestamp, so that a clock that is set ends none
            DateTimeOffset expires = _clock.GetUtcNow() + _options.RelayReservationTime;
            long now = _clock.GetTimestamp();
            refusal = null;
            if (_reservations.TryGetValue(peer, out Entry? held))
            {
                held.Since = now;
                return expires;
            }
            if (_reservations.Count >= _options.MaxRelayReservations)
            {
                refusal = $"{nameof(RelayOptions.MaxRelayReservations)} ({_options.MaxRelayReservations}) is reached";
                return null;
            }
            if (_shares.FullGroup(address) is { } full)
            {
                refusal = _shares.RefusalOf(full);
                return null;
            }
            _shares.Count(address, 1);
            _reservations.Add(peer, new Entry(address, _hold(peer)) { Since = now });
            return expires;
        }
    }

    /// <summary>Returns whether a peer holds a reservation.</summary>
    public bool IsReserved(PeerId peer)
    {
        lock (_gate)
        {
            return _reservations.TryGetValue(peer, out Entry? held) && !IsOver(held);
        }
    }

    /// <summary>Ends the reservation of a peer, if it holds one.</summary>
    public void Forget(PeerId peer)
    {
        lock (_gate)
        {
            RemoveHoldingGate(peer);
        }
    }

    /// <summary>Ends the reservations whose time is over, so that the connections with their holders are as any other.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            ExpireHoldingGate();
        }
    }

    /// <summary>Takes a place for a connection between two peers, until it is disposed.</summary>
    /// <returns>Null where there is no room.</returns>
    public RelayPlace? TryTake(PeerId source, PeerId target)
    {
        lock (_gate)
        {
            int max = _options.MaxRelayCircuitsPerPeer;
            if (_circuits >= _options.MaxRelayCircuits || _circuitsOf.GetValueOrDefault(source) >= max || _circuitsOf.GetValueOrDefault(target) >= max)
            {
                return null;
            }
            CountHoldingGate(source, target, 1);
            return new RelayPlace(this, source, target);
        }
    }

    internal void Release(PeerId source, PeerId target)
    {
        lock (_gate)
        {
            CountHoldingGate(source, target, -1);
        }
    }

    private void CountHoldingGate(PeerId source, PeerId target, int change)
    {
        _circuits += change;
        foreach (PeerId peer in (PeerId[])[source, target])
        {
            int count = _circuitsOf.GetValueOrDefault(peer) + change;
            if (count == 0)
            {
                _circuitsOf.Remove(peer);
            }
            else
            {
                _circuitsOf[peer] = count;
            }
        }
    }

    private bool IsOver(Entry held) => _clock.GetElapsedTime(held.Since) >= _options.RelayReservationTime;

    private void ExpireHoldingGate()
    {
        foreach (PeerId over in _reservations.Where(pair => IsOver(pair.Value)).Select(pair => pair.Key).ToArray())
        {
            RemoveHoldingGate(over);
        }
    }

    private void RemoveHoldingGate(PeerId peer)
    {
        if (_reservations.Remove(peer, out Entry? held))
        {
            _shares.Count(held.Address, -1);
            held.Hold.Dispose();
        }
    }

    private sealed record Entry(IPAddress Address, IDisposable Hold)
    {
        public long Since { get; set; }
    }
}

/// <summary>Represents the place of a relayed connection under the limits of its relay, until it is disposed.</summary>
internal sealed class RelayPlace(RelayTable table, PeerId source, PeerId target) : IDisposable
{
    private int _released;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            table.Release(source, target);
        }
    }
}
