namespace Bitswap.Node;

/// <content>What can be read off without waiting.</content>
public sealed partial class NodeHost
{
    /// <summary>The peers connected now; empty once the node has stopped.</summary>
    public IReadOnlyList<PeerId> ConnectedPeers => IsRunning ? [.. _network.Connections.Select(connection => connection.Peer).Distinct()] : [];

    /// <summary>The engine's clock, by which snapshots tell times.</summary>
    public TimeSpan EngineTime => _loop.Now;
}
