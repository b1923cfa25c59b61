using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Bitswap.Libp2p.Addresses;

/// <summary>
/// Represents an address that this host can dial, taken apart: <c>/host/tcp/port</c>, and behind it, for a WebSocket, <c>/ws</c>, <c>/wss</c>, <c>/tls/ws</c> or
/// <c>/tls/sni/name/ws</c> (libp2p specs, addressing, and websockets).
/// </summary>
/// <param name="Host">An IP address or a name.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="Kind">What the host is.</param>
/// <param name="WebSocket">How the WebSocket is opened; null where TCP carries the connection itself.</param>
internal sealed record DialAddress(string Host, int Port, MultiaddrHostKind Kind, WebSocketAddress? WebSocket)
{
    /// <summary>Takes an address apart; false for one that is for another transport, or for a name of addresses.</summary>
    public static bool TryParse(Multiaddr address, [NotNullWhen(true)] out DialAddress? parsed)
    {
        parsed = null;
        if (!address.TryGetTcp(out string? host, out int port, out MultiaddrHostKind kind, out ReadOnlySpan<MultiaddrComponent> over)
            || kind == MultiaddrHostKind.DnsAddr)
        {
            return false;
        }
        switch (over)
        {
            case []:
                parsed = new DialAddress(host, port, kind, null);
                return true;
            case [{ Protocol: "ws" }]:
                parsed = new DialAddress(host, port, kind, new WebSocketAddress(host, IsSecure: false));
                return true;
            case [{ Protocol: "wss" }] or [{ Protocol: "tls" }, { Protocol: "ws" }]:
                parsed = new DialAddress(host, port, kind, new WebSocketAddress(host, IsSecure: true));
                return true;
            case [{ Protocol: "tls" }, { Protocol: "sni", Value: { } name }, { Protocol: "ws" }]:
                parsed = new DialAddress(host, port, kind, new WebSocketAddress(name, IsSecure: true));
                return true;
            default:
                return false;
        }
    }
}

/// <summary>Represents how a WebSocket is opened on a TCP connection.</summary>
/// <param name="Host">The host that the request names, and that a certificate must be for.</param>
/// <param name="IsSecure">Whether TLS lies beneath.</param>
internal sealed record WebSocketAddress(string Host, bool IsSecure)
{
    /// <summary>Gets what stands behind the TCP port in an address.</summary>
    public Multiaddr Suffix => Multiaddr.Parse(!IsSecure ? "/ws" : IPAddress.TryParse(Host, out _) ? "/tls/ws" : $"/tls/sni/{Host}/ws");

    /// <summary>Returns the URL at a port. The zone of an IPv6 address means nothing to the other side and is left out.</summary>
    public Uri At(int port) => new UriBuilder(IsSecure ? Uri.UriSchemeWss : Uri.UriSchemeWs, Host.Split('%')[0], port, "/").Uri;
}
