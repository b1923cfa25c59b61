using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Connections;

/// <summary>Puts addresses together that one party is likely to have: of IPv6 a host or home has 2^72 and more.</summary>
internal static class AddressGroups
{
    /// <summary>This machine, whichever of its addresses.</summary>
    public static IPNetwork Machine { get; } = IPNetwork.Parse("127.0.0.0/8");

    /// <summary>The address itself (IPv4), or the /56 around it (IPv6).</summary>
    /// <param name="ip">The address.</param>
    /// <param name="splitsMachine">Whether this machine's addresses are told apart as others are, see <see cref="Libp2pOptions.SplitsMachine"/>.</param>
    public static IPNetwork AddressOf(IPAddress ip, bool splitsMachine) => Of(ip, 32, 56, splitsMachine);

    /// <summary>The /24 (IPv4) or /48 (IPv6) around an address.</summary>
    /// <inheritdoc cref="AddressOf" path="/param"/>
    public static IPNetwork SubnetOf(IPAddress ip, bool splitsMachine) => Of(ip, 24, 48, splitsMachine);

    private static IPNetwork Of(IPAddress ip, int prefix4, int prefix6, bool splitsMachine)
    {
        if (!splitsMachine && AddressReaches.Of(ip) == AddressReach.Machine)
        {
            return Machine;
        }
        IPAddress plain = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        int prefix = plain.AddressFamily == AddressFamily.InterNetwork ? prefix4 : prefix6;
        byte[] bytes = plain.GetAddressBytes();
        bytes.AsSpan(prefix / 8).Clear();
        return new IPNetwork(new IPAddress(bytes), prefix);
    }
}
