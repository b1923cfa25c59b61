using System.Net;
using System.Runtime.InteropServices;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Counts peers by the networks that their addresses are of, so that one who has many names at one place does not count for many. Not thread-safe.
/// </summary>
/// <param name="max">How many peers of one network there may be.</param>
internal sealed class NetworkShares(int max)
{
    // names can be had by the thousand, and stand for one place
    private static readonly IPNetwork _names = IPNetwork.Parse("0.0.0.0/0");

    private readonly Dictionary<IPNetwork, int> _held = [];

    /// <summary>
    /// Returns the networks of a peer's addresses. An address that is not of the internet is of none: who is near is told by who runs that network. A peer of which
    /// names alone are known is of one with all such peers.
    /// </summary>
    public static IPNetwork[] Of(IEnumerable<Multiaddr> addresses)
    {
        HashSet<IPNetwork> networks = [];
        bool isNamed = false;
        foreach (Multiaddr address in addresses)
        {
            if (AddressScopes.Of(address) != AddressScope.World)
            {
                continue;
            }
            MultiaddrComponent host = address.Components[0];
            if (host.Protocol is "ip4" or "ip6" && IPAddress.TryParse(host.Value, out IPAddress? ip))
            {
                networks.Add(AddressGroups.NetworkOf(ip, splitsMachine: true));
            }
            else
            {
                isNamed |= host.Protocol is "dns" or "dns4" or "dns6" or "dnsaddr";
            }
        }
        if (isNamed && networks.Count == 0)
        {
            networks.Add(_names);
        }
        return [.. networks];
    }

    /// <summary>Returns whether a peer of these networks is one too many: one full network is enough, since it may tell of any others.</summary>
    public bool IsFull(IPNetwork[] networks) => Array.Exists(networks, network => _held.GetValueOrDefault(network) >= max);

    /// <summary>Counts a peer of these networks, or no longer.</summary>
    public void Count(IPNetwork[] networks, int change)
    {
        foreach (IPNetwork network in networks)
        {
            ref int held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, network, out _);
            held += change;
            if (held == 0)
            {
                _held.Remove(network);
            }
        }
    }
}
