using Bitswap.Node.Peers;
using Bitswap.Node.Routing;

namespace Bitswap.Node;

/// <content>Finding providers.</content>
public sealed partial class NodeHost
{
    /// <summary>What can be asked for providers.</summary>
    internal NodeRouting Routing { get; }

    /// <summary>Connects to a peer, where it is not connected, until what is returned is disposed.</summary>
    /// <exception cref="BitswapException"><c>PeerUnreachable</c> and the other errors of a dial; <c>NodeStopped</c>.</exception>
    internal ValueTask<BriefConnection> ConnectBrieflyAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken)
    {
        EnsureRunning();
        return _brief.OpenAsync(peer, addresses, cancellationToken);
    }

    /// <summary>Whether a peer is connected.</summary>
    internal bool IsConnected(PeerId peer) => Connections.Any(connection => connection.Peer.Equals(peer));

    /// <summary>Whether it is known that a peer speaks Bitswap.</summary>
    internal bool SpeaksBitswap(PeerId peer) => _links.Find(peer)?.Version is not null;
}
