using System.Diagnostics.CodeAnalysis;
using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Libp2p.Reachability;

/// <summary>Represents what the peer at the other end of a connection says that the address of this end is.</summary>
/// <param name="Connection">The connection, by which a later report replaces this one.</param>
/// <param name="IsInbound">Whether the peer dialled. Else this end has a port that the system chose, of which the report says nothing that is of use to others.</param>
/// <param name="Local">The address of this end.</param>
/// <param name="Observer">The peer's IP address.</param>
/// <param name="Observed">What it says.</param>
/// <param name="Closing">Cancelled when the connection begins to end.</param>
internal sealed record Observation(object Connection, bool IsInbound, Multiaddr Local, IPAddress Observer, Multiaddr Observed, CancellationToken Closing)
{
    /// <summary>Returns the report that came with a connection; null where there is none.</summary>
    public static Observation? Of(Libp2pConnection connection) => connection.Circuit is not null || connection.ObservedAddress is not { } observed ? null : new Observation(
        connection, connection.Direction == ConnectionDirection.Inbound, connection.LocalAddress, connection.RemoteIp, observed, connection.Closing);

    /// <summary>
    /// Returns the address that the report is counted for: with the port and the transport of where this host listens, or, where this host dialled, the IP address alone.
    /// False for a report that says nothing: of a relay, of another kind of address than this end has, or of one that reaches less far, or farther, than the observer's own.
    /// </summary>
    public bool TryRead(AddressScope nearest, [NotNullWhen(true)] out Multiaddr? address)
    {
        address = null;
        if (Observed.Components is not [{ } ip, { Protocol: "tcp" } port, ..] || Local.Components is not [{ } localIp, { Protocol: "tcp" }, ..]
            || ip.Protocol is not ("ip4" or "ip6") || ip.Protocol != localIp.Protocol
            || Observed.Components.Any(part => part.Protocol == "p2p-circuit"))
        {
            return false;
        }
        AddressScope reach = AddressScopes.Of(Observed);
        if (reach < nearest || reach != AddressScopes.Of(Observer) || port.Value is null or "0")
        {
            return false;
        }
        IEnumerable<MultiaddrComponent> parts = IsInbound ? [ip, port, .. Local.Components.Skip(2)] : [ip];
        address = Multiaddr.Parse(string.Concat(parts));
        return true;
    }
}
