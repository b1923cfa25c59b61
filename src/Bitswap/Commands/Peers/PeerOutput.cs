using Bitswap.Nodes;

namespace Bitswap.Commands;

/// <summary>Makes the output of a node's view of a peer.</summary>
internal static class PeerOutput
{
    /// <summary>The peer as users see it.</summary>
    public static BitswapPeer Create(PeerSnapshot snapshot, BitswapNode node) => new()
    {
        PeerId = snapshot.Peer.ToString(),
        Address = snapshot.Connection.Address.ToString(),
        Direction = snapshot.Connection.IsInbound ? "Inbound" : "Outbound",
        Security = snapshot.Connection.Security,
        Relay = snapshot.Connection.Relay?.ToString(),
        RelayLimit = snapshot.Connection.RelayLimit,
        Agent = snapshot.Connection.Agent,
        Protocols = [.. snapshot.Connection.Protocols],
        BitswapVersion = snapshot.Version is { } version && !snapshot.IsGateway ? ProtocolVersions.Name(version) : null,
        Latency = snapshot.Connection.Latency,
        Connected = snapshot.Connection.Opened,
        Sent = snapshot.Ledger?.BytesSent ?? 0,
        Received = snapshot.Ledger?.BytesReceived ?? 0,
        Fetching = [.. snapshot.Fetching.Select(graph => Create(graph, snapshot.Peer, node))],
        Node = node.Name,
    };

    private static BitswapServedGraph Create(ServedGraph graph, PeerId peer, BitswapNode node) => new()
    {
        Cid = graph.Root.ToString(),
        Name = node.Host.Pins.Find(graph.Root)?.Name,
        Blocks = graph.BlocksSent,
        Sent = graph.BytesSent,
        Total = graph.TotalBytes,
        Started = graph.Started,
        LastSent = graph.LastSent,
        PeerId = peer.ToString(),
        Node = node.Name,
    };
}
