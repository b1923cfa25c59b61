using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Libp2p.Reachability;

/// <summary>
/// Counts by how many networks each address of this host is reported (go-libp2p, p2p/host/observedaddrs). A report counts as long as its connection is open, and some time
/// after. However many peers one network has, they count as one, and may report a few addresses only, so that a peer that lies neither makes this host believe an address nor
/// forget another. Thread-safe.
/// </summary>
internal sealed class ObservedAddresses(ReachabilityOptions options, TimeProvider clock, bool splitsMachine = false)
{
    // more than these are not told apart
    private const int MaxObservers = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<Multiaddr, Dictionary<IPNetwork, Mark>> _addresses = [];
    private readonly Dictionary<object, (Multiaddr Address, IPNetwork Network)> _open = [];

    /// <summary>Counts a report in place of the one that came over the same connection before. One that says nothing, or comes too late, is left out.</summary>
    public void Add(Observation observation)
    {
        lock (_gate)
        {
            Expire();

            // after the connection has ended there is nothing that would take the report away
            if (observation.Closing.IsCancellationRequested || !observation.TryRead(options.NearestObserved, out Multiaddr? address))
            {
                return;
            }
            IPNetwork network = NetworkOf(observation.Observer);
            if (_open.TryGetValue(observation.Connection, out (Multiaddr Address, IPNetwork Network) before))
            {
                if (before.Address.Equals(address))
                {
                    return;
                }
                _open.Remove(observation.Connection);
                Withdraw(before.Address, before.Network);
            }
            if (TryMark(address, network) is { } mark)
            {
                mark.Open++;
                _open.Add(observation.Connection, (address, network));
            }
        }
    }

    /// <summary>Notes that a connection has ended: what was reported over it counts for some time yet.</summary>
    public void Close(object connection)
    {
        lock (_gate)
        {
            if (_open.Remove(connection, out (Multiaddr Address, IPNetwork Network) report))
            {
                Mark mark = _addresses[report.Address][report.Network];
                mark.Open--;
                mark.Seen = clock.GetTimestamp();
            }
        }
    }

    /// <summary>Returns the addresses that are reported, those of the most observers first, with the number of these.</summary>
    public IReadOnlyList<(Multiaddr Address, int Observers)> Read()
    {
        lock (_gate)
        {
            Expire();
            return [.. _addresses.Select(pair => (pair.Key, pair.Value.Count)).OrderByDescending(pair => pair.Count).ThenBy(pair => pair.Key)];
        }
    }

    // a network of the internet may have many addresses, and one party all of them; in a local one each host has its own
    private IPNetwork NetworkOf(IPAddress observer) =>
        AddressScopes.Of(observer) == AddressScope.Network ? AddressGroups.AddressOf(observer, splitsMachine) : AddressGroups.SubnetOf(observer, splitsMachine);

    private Mark? TryMark(Multiaddr address, IPNetwork network)
    {
        if (_addresses.TryGetValue(address, out Dictionary<IPNetwork, Mark>? observers) && observers.TryGetValue(network, out Mark? known))
        {
            known.Seen = clock.GetTimestamp();
            return known;
        }
        Multiaddr[] reported = [.. _addresses.Where(pair => pair.Value.ContainsKey(network)).Select(pair => pair.Key)];
        if (reported.Length >= options.MaxObservedPerNetwork && !TryForgetOldest(reported, network))
        {
            return null;
        }
        if ((observers?.Count >= MaxObservers && !TryForgetOldest(address)) || (_addresses.Count >= options.MaxObservedAddresses && !_addresses.ContainsKey(address) && !TryForgetLeast()))
        {
            return null;
        }

        // what was forgotten may have been the last report of it
        if (!_addresses.TryGetValue(address, out observers))
        {
            _addresses.Add(address, observers = []);
        }
        Mark mark = new() { Seen = clock.GetTimestamp() };
        observers.Add(network, mark);
        return mark;
    }

    // what a connection reports that is open stands: its network has had its say
    private bool TryForgetOldest(IEnumerable<Multiaddr> addresses, IPNetwork network)
    {
        Multiaddr? oldest = addresses.Where(address => _addresses[address][network].Open == 0).MinBy(address => _addresses[address][network].Seen);
        if (oldest is not null)
        {
            Forget(oldest, network);
        }
        return oldest is not null;
    }

    private bool TryForgetOldest(Multiaddr address)
    {
        IPNetwork[] closed = [.. _addresses[address].Where(pair => pair.Value.Open == 0).OrderBy(pair => pair.Value.Seen).Select(pair => pair.Key).Take(1)];
        foreach (IPNetwork network in closed)
        {
            Forget(address, network);
        }
        return closed.Length > 0;
    }

    // only an address that a single network reports gives way, open or not: so many networks are not one party's
    private bool TryForgetLeast()
    {
        Multiaddr? least = _addresses.Where(pair => pair.Value.Count == 1).Select(pair => pair.Key).MinBy(address => _addresses[address].Values.Single().Seen);
        if (least is null)
        {
            return false;
        }
        _addresses.Remove(least);
        foreach (object connection in _open.Where(pair => pair.Value.Address.Equals(least)).Select(pair => pair.Key).ToArray())
        {
            _open.Remove(connection);
        }
        return true;
    }

    private void Forget(Multiaddr address, IPNetwork network)
    {
        Dictionary<IPNetwork, Mark> observers = _addresses[address];
        observers.Remove(network);
        if (observers.Count == 0)
        {
            _addresses.Remove(address);
        }
    }

    // a peer that says something else has taken its word back
    private void Withdraw(Multiaddr address, IPNetwork network)
    {
        if (--_addresses[address][network].Open == 0)
        {
            Forget(address, network);
        }
    }

    private void Expire()
    {
        (Multiaddr Address, IPNetwork Network)[] old =
        [
            .. _addresses.SelectMany(pair => pair.Value
                .Where(mark => mark.Value.Open == 0 && clock.GetElapsedTime(mark.Value.Seen) >= options.ObservationLifetime)
                .Select(mark => (pair.Key, mark.Key))),
        ];
        foreach ((Multiaddr address, IPNetwork network) in old)
        {
            Forget(address, network);
        }
    }

    /// <summary>Represents what one network reports of an address.</summary>
    private sealed class Mark
    {
        /// <summary>Gets or sets how many open connections say so.</summary>
        public int Open { get; set; }

        /// <summary>Gets or sets when it was said, or the last connection that said so ended.</summary>
        public long Seen { get; set; }
    }
}
