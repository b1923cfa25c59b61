using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>Sends packets to the group of multicast DNS, and hands over those that others send to it.</summary>
internal interface IMulticastLink : IAsyncDisposable
{
    /// <summary>Gets what keeps it from interfaces that it should be on, a line for each.</summary>
    IReadOnlyList<string> Problems { get; }

    /// <summary>Joins the group on these interfaces alone.</summary>
    /// <returns>Those of them on which that went well.</returns>
    IReadOnlyList<LinkInterface> Follow(IReadOnlyList<LinkInterface> interfaces);

    /// <summary>Sends to the group on one interface.</summary>
    /// <returns>Null, or why it failed.</returns>
    ValueTask<string?> SendAsync(LinkInterface link, ReadOnlyMemory<byte> packet, CancellationToken ct);
}

/// <summary>Represents one IP version of one interface.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="Family">The version.</param>
internal sealed record LinkInterface(MachineInterface Interface, AddressFamily Family)
{
    /// <summary>Gets what tells it from others.</summary>
    public (int Index, AddressFamily Family) Key => (Interface.Index, Family);

    /// <summary>Gets the interface's own addresses of this version.</summary>
    public IEnumerable<InterfaceAddress> Own => Interface.Addresses.Where(own => own.Address.AddressFamily == Family);

    /// <summary>Returns the interfaces of a machine as links, those of this machine alone last.</summary>
    public static IEnumerable<LinkInterface> Of(IEnumerable<MachineInterface> interfaces, IReadOnlyList<string> names) =>
        from network in interfaces
        where network.IsMulticast && network.Index != 0 && (names.Count == 0 || names.Contains(network.Name, StringComparer.OrdinalIgnoreCase))
        orderby network.IsLoopback
        from family in network.Addresses.Select(own => own.Address.AddressFamily).Distinct().Order()
        select new LinkInterface(network, family);

    /// <summary>Returns whether a sender is on this link (RFC 6762 section 11).</summary>
    public bool IsOnLink(IPAddress sender) => Own.Any(own => own.IsOnLink(sender)) || (sender.IsIPv6LinkLocal && Family == AddressFamily.InterNetworkV6);

    /// <summary>Returns whether both have the same addresses.</summary>
    public bool HasAddressesOf(LinkInterface other) => Interface.Addresses.ToHashSet().SetEquals(other.Interface.Addresses);

    /// <inheritdoc/>
    public bool Equals(LinkInterface? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => $"{Interface.Name} ({(Family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")})";
}

/// <summary>Represents a packet that came to the group.</summary>
/// <param name="Link">Where it came in.</param>
/// <param name="Sender">Who sent it, as it says.</param>
/// <param name="Data">What it holds.</param>
internal sealed record MdnsPacket(LinkInterface Link, IPEndPoint Sender, ReadOnlyMemory<byte> Data);
