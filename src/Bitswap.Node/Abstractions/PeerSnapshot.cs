namespace Bitswap.Node.Abstractions;

/// <summary>A connected peer.</summary>
/// <param name="Connection">How it is connected and what it says of itself.</param>
/// <param name="Version">The Bitswap it speaks; null while that is not known, or when it speaks none.</param>
/// <param name="Ledger">What has gone each way; null while nothing has.</param>
public sealed record PeerSnapshot(PeerConnectionInfo Connection, BitswapVersion? Version, LedgerSnapshot? Ledger)
{
    /// <summary>Gets the peer's id.</summary>
    public PeerId Peer => Connection.Peer;

    /// <summary>Gets the graphs that it fetches or has fetched since it connected, the one that was served last first.</summary>
    public IReadOnlyList<ServedGraph> Fetching { get; init; } = [];

    /// <summary>Gets whether it is a gateway, which is asked over HTTP.</summary>
    internal bool IsGateway => Connection.Protocols.Contains(FoundProvider.GatewayTransport, StringComparer.Ordinal);
}

/// <summary>A graph that a peer fetches from the node, as far as that is seen from the blocks it was sent.</summary>
/// <param name="Root">The block that it began at.</param>
/// <param name="BlocksSent">Blocks of the graph that were sent, each counted once.</param>
/// <param name="BytesSent">Their bytes.</param>
/// <param name="TotalBytes">What the root says of the size of all its blocks; null where it says nothing. A block that the graph has twice counts twice here, and what the peer had before is not sent.</param>
/// <param name="Started">When the root was sent.</param>
/// <param name="LastSent">When the last of them was sent.</param>
public sealed record ServedGraph(Cid Root, long BlocksSent, long BytesSent, long? TotalBytes, DateTimeOffset Started, DateTimeOffset LastSent);
