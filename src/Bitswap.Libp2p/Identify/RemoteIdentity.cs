namespace Bitswap.Libp2p.Identify;

/// <summary>What a peer said of itself.</summary>
internal sealed record RemoteIdentity(
    string? AgentVersion,
    string? ProtocolVersion,
    IReadOnlyList<string> Protocols,
    IReadOnlyList<Multiaddr> ListenAddresses,
    Multiaddr? ObservedAddress)
{
    /// <summary>Nothing yet.</summary>
    public static RemoteIdentity Unknown { get; } = new(null, null, [], [], null);
}
