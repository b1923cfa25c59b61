using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Libp2p.Addresses;

/// <summary>
/// An address that this host can dial, taken apart: <c>/host/tcp/port</c>, and behind it, for a WebSocket, <c>/ws</c>, <c>/wss</c>, <c>/tls/ws</c> or
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
