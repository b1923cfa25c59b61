namespace Bitswap.Libp2p;

/// <summary>Names what an address would be dialled by, for those that cannot be dialled here.</summary>
public static class AddressTransport
{
    // what is outermost counts: a relay is reached by any transport, WebTransport is QUIC with more
    private static readonly (string Name, string[] Protocols)[] _byProtocol =
    [
        ("relay", ["p2p-circuit"]),
        ("WebTransport", ["webtransport"]),
        ("WebRTC", ["webrtc", "webrtc-direct"]),
        ("QUIC", ["quic-v1", "quic"]),
        ("WebSocket", ["ws", "wss"]),
        ("HTTP", ["http", "https"]),
        ("Tor", ["onion", "onion3"]),
        ("I2P", ["garlic64", "garlic32"]),
        ("Unix socket", ["unix"]),
        ("memory", ["memory"]),
        ("dnsaddr", ["dnsaddr"]),
        ("UDP", ["udp"]),
        ("TLS", ["tls"]),
    ];

    /// <summary>The transport by a name that people use; null for plain TCP.</summary>
    /// <param name="address">The address.</param>
    public static string? NameOf(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.TryGetTcp(out _, out _, out _))
        {
            return null;
        }
        foreach ((string name, string[] protocols) in _byProtocol)
        {
            if (address.Components.Any(part => protocols.Contains(part.Protocol)))
            {
                return name;
            }
        }
        return address.Components[^1].Protocol;
    }
}
