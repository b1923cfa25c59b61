namespace Bitswap.Node.Abstractions;

/// <summary>A connected peer.</summary>
/// <param name="Connection">How it is connected and what it says of itself.</param>
/// <param name="Version">The Bitswap it speaks; null while that is not known, or when it speaks none.</param>
/// <param name="Ledger">What has gone each way; null while nothing has.</param>
public sealed record PeerSnapshot(PeerConnectionInfo Connection, BitswapVersion? Version, LedgerSnapshot? Ledger)
{
    /// <summary>Gets the peer's id.</summary>
    public PeerId Peer => Connection.Peer;

    /// <summary>Gets whether it is a gateway, which is asked over HTTP.</summary>
    internal bool IsGateway => Connection.Protocols.Contains(FoundProvider.GatewayTransport, StringComparer.Ordinal);
}
