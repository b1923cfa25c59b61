using System.Net;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>What one attempt of a dial connects to.</summary>
/// <param name="EndPoint">Where the socket connects.</param>
/// <param name="WebSocket">The WebSocket that is opened on it; null for plain TCP.</param>
internal sealed record DialTarget(IPEndPoint EndPoint, WebSocketAddress? WebSocket = null)
{
    /// <summary>The address, without a peer id.</summary>
    public Multiaddr Address => WebSocket is null ? Multiaddr.FromEndPoint(EndPoint) : Multiaddr.FromEndPoint(EndPoint).Encapsulate(WebSocket.Suffix);
}
