using System.Net;
using System.Runtime.InteropServices;

namespace Bitswap.Libp2p.Connections;

/// <summary>A share of places by its named option.</summary>
internal readonly record struct Share(string Name, int Most);

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

    /// <summary>The group of an address that holds its whole share; null where there is room.</summary>
    public IPNetwork? FullGroup(IPAddress ip)
    {
        foreach (IPNetwork group in GroupsOf(ip))
        {
            if (_held.GetValueOrDefault(group) >= ShareOf(group).Most)
            {
                return group;
            }
        }
        return null;
    }

    /// <summary>Why a group gets no further place.</summary>
    public string RefusalOf(IPNetwork group) => $"{ShareOf(group).Name} ({ShareOf(group).Most}) is reached for {group}";

    /// <summary>Whether an address is one of a group.</summary>
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
