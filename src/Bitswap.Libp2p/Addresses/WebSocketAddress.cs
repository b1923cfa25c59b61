using System.Net;

namespace Bitswap.Libp2p.Addresses;

/// <summary>How a WebSocket is opened on a TCP connection.</summary>
/// <param name="Host">The host that the request names, and that a certificate must be for.</param>
/// <param name="IsSecure">Whether TLS lies beneath.</param>
internal sealed record WebSocketAddress(string Host, bool IsSecure)
{
    /// <summary>What stands behind the TCP port in an address.</summary>
    public Multiaddr Suffix => Multiaddr.Parse(!IsSecure ? "/ws" : IPAddress.TryParse(Host, out _) ? "/tls/ws" : $"/tls/sni/{Host}/ws");

    /// <summary>Returns the URL at a port. The zone of an IPv6 address means nothing to the other side and is left out.</summary>
    public Uri At(int port) => new UriBuilder(IsSecure ? Uri.UriSchemeWss : Uri.UriSchemeWs, Host.Split('%')[0], port, "/").Uri;
}
