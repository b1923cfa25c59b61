using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Connections;

/// <summary>Represents a share of places by its named option.</summary>
internal readonly record struct Share(string Name, int Max);

/// <summary>
/// Counts what addresses and subnets hold of the places of a table, so that none holds all of them. This machine is one group with a share of its own, since many nodes
/// may run on it. Not thread-safe.
/// </summary>
/// <param name="perAddress">What one address may hold.</param>
/// <param name="perSubnet">What one subnet may hold.</param>
/// <param name="ofMachine">What this machine may hold.</param>
/// <param name="splitsMachine">Whether its addresses are told apart as others are.</param>
internal sealed class AddressShares(Share perAddress, Share perSubnet, Share ofMachine, bool splitsMachine = false)
{
    private readonly Dictionary<IPNetwork, int> _held = [];

    /// <summary>Returns the group of an address that holds its whole share; null where there is room.</summary>
    public IPNetwork? FullGroup(IPAddress ip)
    {
        foreach (IPNetwork group in GroupsOf(ip))
        {
            if (_held.GetValueOrDefault(group) >= ShareOf(group).Max)
            {
                return group;
            }
        }
        return null;
    }

    /// <summary>Returns why a group gets no further place.</summary>
    public string RefusalOf(IPNetwork group) => $"{ShareOf(group).Name} ({ShareOf(group).Max}) is reached for {group}";

    /// <summary>Returns whether an address is one of a group.</summary>
    public bool IsIn(IPNetwork group, IPAddress ip) => GroupsOf(ip).Contains(group);

    /// <summary>Counts a place that is taken, or given back.</summary>
    public void Count(IPAddress ip, int change)
    {
        foreach (IPNetwork group in GroupsOf(ip))
        {
            ref int held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, group, out _);
            held += change;
            if (held == 0)
            {
                _held.Remove(group);
            }
        }
    }

    private IPNetwork[] GroupsOf(IPAddress ip)
    {
        IPNetwork address = AddressGroups.AddressOf(ip, splitsMachine);
        return address == AddressGroups.Machine ? [address] : [address, AddressGroups.SubnetOf(ip, splitsMachine)];
    }

    private Share ShareOf(IPNetwork group) => group == AddressGroups.Machine ? ofMachine : group.PrefixLength is 32 or 56 ? perAddress : perSubnet;
}

/// <summary>Puts addresses together that one party is likely to have: of IPv6 a host or home has 2^72 and more.</summary>
internal static class AddressGroups
{
    /// <summary>Gets this machine, whichever of its addresses.</summary>
    public static IPNetwork Machine { get; } = IPNetwork.Parse("127.0.0.0/8");

    /// <summary>Returns the address itself (IPv4), or the /56 around it (IPv6).</summary>
    /// <param name="ip">The address.</param>
    /// <param name="splitsMachine">Whether this machine's addresses are told apart as others are, see <see cref="Libp2pOptions.SplitsMachine"/>.</param>
    public static IPNetwork AddressOf(IPAddress ip, bool splitsMachine) => Of(ip, 32, 56, splitsMachine);

    /// <summary>Returns the /24 (IPv4) or /48 (IPv6) around an address.</summary>
    /// <inheritdoc cref="AddressOf" path="/param"/>
    public static IPNetwork SubnetOf(IPAddress ip, bool splitsMachine) => Of(ip, 24, 48, splitsMachine);

    /// <summary>Returns the /16 (IPv4) or /32 (IPv6) around an address: what one provider is given at a time, and one party can rent all over.</summary>
    /// <inheritdoc cref="AddressOf" path="/param"/>
    public static IPNetwork NetworkOf(IPAddress ip, bool splitsMachine) => Of(ip, 16, 32, splitsMachine);

    private static IPNetwork Of(IPAddress ip, int prefix4, int prefix6, bool splitsMachine)
    {
        if (!splitsMachine && AddressScopes.Of(ip) == AddressScope.Machine)
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
