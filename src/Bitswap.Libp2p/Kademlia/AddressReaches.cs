using System.Net;
using System.Net.Sockets;

namespace Bitswap.Libp2p.Kademlia;

/// <summary>Tells how far addresses reach.</summary>
internal static class AddressReaches
{
    private static readonly IPNetwork[] _local =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("169.254.0.0/16"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("fc00::/7"),
        IPNetwork.Parse("fe80::/10"),
    ];

    private static readonly IPNetwork _thisHost = IPNetwork.Parse("0.0.0.0/8");

    /// <summary>How far an address reaches; that of its outermost part counts.</summary>
    public static AddressReach Of(Multiaddr address)
    {
        foreach (MultiaddrComponent part in address.Components)
        {
            switch (part.Protocol)
            {
                case "ip6zone":
                    continue;
                case "ip4" or "ip6" when IPAddress.TryParse(part.Value, out IPAddress? ip):
                    return Of(ip);
                case "dns" or "dns4" or "dns6" or "dnsaddr" when IsLocalName(part.Value):
                    return AddressReach.Machine;
                default:
                    // a unix path is of this machine, whatever else there is
                    return part.Protocol == "unix" ? AddressReach.Machine : AddressReach.World;
            }
        }
        return AddressReach.World;
    }

    private static AddressReach Of(IPAddress ip)
    {
        IPAddress plain = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        if (IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.IPv6Any)
            || (plain.AddressFamily == AddressFamily.InterNetwork && _thisHost.Contains(plain)))
        {
            return AddressReach.Machine;
        }
        return Array.Exists(_local, network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain))
            ? AddressReach.Network
            : AddressReach.World;
    }

    // RFC 6761 section 6.3
    private static bool IsLocalName(string? name) =>
        name is not null
        && (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase));
}
