using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Connections;

/// <summary>Represents what a peer said of itself.</summary>
internal sealed record RemoteIdentity(
    string? AgentVersion,
    string? ProtocolVersion,
    IReadOnlyList<string> Protocols,
    IReadOnlyList<Multiaddr> ListenAddresses,
    Multiaddr? ObservedAddress)
{
    /// <summary>Nothing yet.</summary>
    public static RemoteIdentity Unknown { get; } = new(null, null, [], [], null);

    /// <summary>Returns the same without addresses that may not be dialled on the word of a peer so far away.</summary>
    public RemoteIdentity Admitted(DialRule rule, AddressScope source) =>
        ListenAddresses.All(address => rule.Admits(address, source)) ? this : this with { ListenAddresses = [.. ListenAddresses.Where(address => rule.Admits(address, source))] };
}
