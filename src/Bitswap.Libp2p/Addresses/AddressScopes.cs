using System.Net;
using System.Net.Sockets;

namespace Bitswap.Libp2p.Addresses;

/// <summary>
/// Tells how far addresses reach, by the special-purpose registries of IANA (iana-ipv4-special-registry, iana-ipv6-special-registry; RFC 6890). An IPv6
/// address that stands for an IPv4 one reaches as far as that.
/// </summary>
public static class AddressScopes
{
    // the more specific before the less
    private static readonly (IPNetwork Network, AddressScope Reach)[] _special =
    [
        Entry("0.0.0.0/8", AddressScope.Machine),
        Entry("10.0.0.0/8", AddressScope.Network),
        Entry("100.64.0.0/10", AddressScope.Network),
        Entry("127.0.0.0/8", AddressScope.Machine),
        Entry("169.254.0.0/16", AddressScope.Network),
        Entry("172.16.0.0/12", AddressScope.Network),
        Entry("192.0.0.9/32", AddressScope.World),
        Entry("192.0.0.10/32", AddressScope.World),
        Entry("192.0.0.0/24", AddressScope.Network),
        Entry("192.0.2.0/24", AddressScope.Network),
        Entry("192.88.99.0/24", AddressScope.Network),
        Entry("192.168.0.0/16", AddressScope.Network),
        Entry("198.18.0.0/15", AddressScope.Network),
        Entry("198.51.100.0/24", AddressScope.Network),
        Entry("203.0.113.0/24", AddressScope.Network),
        Entry("224.0.0.0/4", AddressScope.Nowhere),
        Entry("255.255.255.255/32", AddressScope.Nowhere),
        Entry("240.0.0.0/4", AddressScope.Network),
        Entry("100::/64", AddressScope.Nowhere),
        Entry("100:0:0:1::/64", AddressScope.Nowhere),
        Entry("2001:1::1/128", AddressScope.World),
        Entry("2001:1::2/128", AddressScope.World),
        Entry("2001:1::3/128", AddressScope.World),
        Entry("2001:3::/32", AddressScope.World),
        Entry("2001:4:112::/48", AddressScope.World),
        Entry("2001:20::/28", AddressScope.World),
        Entry("2001:30::/28", AddressScope.World),
        Entry("2001::/23", AddressScope.Network),
        Entry("2001:db8::/32", AddressScope.Network),
        Entry("3fff::/20", AddressScope.Network),
        Entry("ff00::/8", AddressScope.Nowhere),

        // of the rest, unique local and link-local addresses among them, only global unicast is of the internet (RFC 4291 section 2.4)
        Entry("2000::/3", AddressScope.World),
        Entry("::/0", AddressScope.Network),
    ];

    // where an IPv6 address has the IPv4 address that it stands for: RFC 4291 section 2.5.5 (loopback and unspecified are read right by it, too), RFC 7915, RFC 6052, RFC 3056
    private static readonly (IPNetwork Network, int At)[] _embedding =
    [
        (IPNetwork.Parse("::/96"), 12),
        (IPNetwork.Parse("::ffff:0:0:0/96"), 12),
        (IPNetwork.Parse("64:ff9b::/96"), 12),
        (IPNetwork.Parse("2002::/16"), 2),
    ];

    // RFC 4380: the address of the server at 4, and that of the client, inverted, at 12
    private static readonly IPNetwork _teredo = IPNetwork.Parse("2001::/32");

    // RFC 6762, RFC 8375, and the name that ICANN keeps for private use
    private static readonly string[] _networkNames = ["local", "internal", "home.arpa", "lan"];

    /// <summary>Returns how far an address reaches; that of its outermost part counts.</summary>
    public static AddressScope Of(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        foreach (MultiaddrComponent part in address.Components)
        {
            switch (part.Protocol)
            {
                case "ip6zone":
                    continue;
                case "ip4" or "ip6" when IPAddress.TryParse(part.Value, out IPAddress? ip):
                    return Of(ip);
                case "dns" or "dns4" or "dns6" or "dnsaddr" when !string.IsNullOrEmpty(part.Value):
                    return OfHost(part.Value);
                default:
                    // a unix path is of this machine, whatever else there is
                    return part.Protocol == "unix" ? AddressScope.Machine : AddressScope.World;
            }
        }
        return AddressScope.World;
    }

    /// <summary>Returns how far an IP address reaches.</summary>
    public static AddressScope Of(IPAddress ip)
    {
        ArgumentNullException.ThrowIfNull(ip);
        if (ip.IsIPv4MappedToIPv6)
        {
            // which IPNetwork does not find in a network of IPv6
            return Of(ip.MapToIPv4());
        }
        if (ip.AddressFamily == AddressFamily.InterNetworkV6)
        {
            byte[] bytes = ip.GetAddressBytes();
            if (_teredo.Contains(ip))
            {
                AddressScope server = Of(new IPAddress(bytes.AsSpan(4, sizeof(uint))));
                AddressScope client = Of(new IPAddress([.. bytes[12..].Select(value => (byte)~value)]));
                return server < client ? server : client;
            }
            foreach ((IPNetwork network, int at) in _embedding)
            {
                if (network.Contains(ip))
                {
                    return Of(new IPAddress(bytes.AsSpan(at, sizeof(uint))));
                }
            }
        }
        foreach ((IPNetwork network, AddressScope reach) in _special)
        {
            if (network.BaseAddress.AddressFamily == ip.AddressFamily && network.Contains(ip))
            {
                return reach;
            }
        }
        return AddressScope.World;
    }

    /// <summary>Returns how far a host reaches that is an IP address in text or a name. A name of one word is one of the local network.</summary>
    public static AddressScope OfHost(string host)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        if (IPAddress.TryParse(host, out IPAddress? ip))
        {
            return Of(ip);
        }
        string name = host.TrimEnd('.');

        // RFC 6761 section 6.3
        if (IsOrIsBelow(name, "localhost"))
        {
            return AddressScope.Machine;
        }
        return !name.Contains('.', StringComparison.Ordinal) || Array.Exists(_networkNames, known => IsOrIsBelow(name, known)) ? AddressScope.Network : AddressScope.World;
    }

    private static bool IsOrIsBelow(string name, string parent) =>
        name.EndsWith(parent, StringComparison.OrdinalIgnoreCase) && (name.Length == parent.Length || name[^(parent.Length + 1)] == '.');

    private static (IPNetwork Network, AddressScope Reach) Entry(string network, AddressScope reach) => (IPNetwork.Parse(network), reach);
}

/// <summary>Specifies how far an address reaches, the nearest first.</summary>
public enum AddressScope
{
    /// <summary>No single host: multicast, broadcast, and what is discarded.</summary>
    Nowhere,

    /// <summary>This machine.</summary>
    Machine,

    /// <summary>A local network, and whatever else is not globally reachable by the special-purpose registries of IANA.</summary>
    Network,

    /// <summary>The internet. A name counts as that until it is looked up, unless it is one of special use.</summary>
    World,
}
