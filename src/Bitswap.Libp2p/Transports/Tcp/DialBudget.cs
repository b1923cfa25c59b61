using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>
/// Counts the dials to addresses that others gave, for each host and port: a source that gives one address as that of a thousand peers gets a few
/// connections to it in a while, and no more. A dial that reached its peer does not count. Of this machine, where many nodes may run, each port has its own
/// count only. Thread-safe.
/// </summary>
internal sealed class DialBudget(Libp2pOptions options)
{
    /// <summary>How many hosts are remembered; those of which nothing was dialled for longest are forgotten first.</summary>
    private const int MaxHosts = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Host> _hosts = [];
    private readonly Queue<(IPAddress Address, long Since)> _order = new();

    /// <summary>Counts a dial that is to be made.</summary>
    /// <exception cref="Libp2pException">LimitExceeded: there were enough of them.</exception>
    public void Take(IPEndPoint endPoint)
    {
        lock (_gate)
        {
            Host host = Find(endPoint.Address);
            int ofPort = host.Ports.GetValueOrDefault(endPoint.Port);
            if (ofPort >= options.MaxStrangerDialsPerEndPoint)
            {
                throw Refused("port", ofPort, nameof(Libp2pOptions.MaxStrangerDialsPerEndPoint));
            }
            if (host.Count >= options.MaxStrangerDialsPerHost && AddressScopes.Of(endPoint.Address) != AddressScope.Machine)
            {
                throw Refused("host", host.Count, nameof(Libp2pOptions.MaxStrangerDialsPerHost));
            }
            host.Ports[endPoint.Port] = ofPort + 1;
            host.Count++;
        }
    }

    /// <summary>Notes that a dial that was counted has reached its peer.</summary>
    public void Reached(IPEndPoint endPoint)
    {
        lock (_gate)
        {
            if (_hosts.TryGetValue(endPoint.Address, out Host? host) && host.Ports.TryGetValue(endPoint.Port, out int ofPort) && ofPort > 0)
            {
                host.Ports[endPoint.Port] = ofPort - 1;
                host.Count--;
            }
        }
    }

    private Libp2pException Refused(string what, int count, string limit) => new(
        Libp2pErrorIds.LimitExceeded,
        $"not tried: of the dials to this {what} that others asked for within {options.StrangerDialWindow}, {count} have not reached a peer ({limit}).");

    private Host Find(IPAddress address)
    {
        long now = options.Clock.GetTimestamp();
        while (_order.TryPeek(out (IPAddress Address, long Since) oldest)
            && (_order.Count > MaxHosts || options.Clock.GetElapsedTime(oldest.Since, now) >= options.StrangerDialWindow))
        {
            _order.Dequeue();
            _hosts.Remove(oldest.Address);
        }
        if (!_hosts.TryGetValue(address, out Host? host))
        {
            _hosts.Add(address, host = new Host());
            _order.Enqueue((address, now));
        }
        return host;
    }

    private sealed class Host
    {
        public Dictionary<int, int> Ports { get; } = [];

        public int Count { get; set; }
    }
}
