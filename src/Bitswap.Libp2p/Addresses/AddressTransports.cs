namespace Bitswap.Libp2p.Addresses;

/// <summary>Tells what addresses are reached over.</summary>
public static class AddressTransports
{
    /// <summary>Plain TCP to an IP address or a name, which is what this host dials.</summary>
    public const string Tcp = "TCP";

    // the first that an address has a part of; a relayed one has those of its relay, too
    private static readonly (string Name, string[] Parts)[] _transports =
    [
        ("relay", ["p2p-circuit"]),
        ("WebRTC", ["webrtc", "webrtc-direct"]),
        ("WebTransport", ["webtransport"]),
        ("QUIC", ["quic", "quic-v1"]),
        ("WebSocket", ["ws", "wss"]),
        ("HTTP", ["http", "https"]),
        ("TLS", ["tls"]),
        ("UDP", ["udp"]),
        ("Unix socket", ["unix"]),
        ("DNS TXT record", ["dnsaddr"]),
    ];

    /// <summary>Whether this host can dial an address.</summary>
    public static bool IsDialable(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.TryGetTcp(out _, out _, out MultiaddrHostKind kind) && kind != MultiaddrHostKind.DnsAddr;
    }

    /// <summary>The name of the transport that an address is for: <see cref="Tcp"/> where this host can dial it, another one elsewhere, null where it names none.</summary>
    public static string? NameOf(Multiaddr address)
    {
        if (IsDialable(address))
        {
            return Tcp;
        }
        foreach ((string name, string[] parts) in _transports)
        {
            if (address.Components.Any(part => parts.Contains(part.Protocol, StringComparer.Ordinal)))
            {
                return name;
            }
        }
        return null;
    }

    /// <summary>What an address that this host cannot dial is for; null for one that it can.</summary>
    public static string? ForeignNameOf(Multiaddr address) => IsDialable(address) ? null : NameOf(address) ?? address.Components[^1].Protocol;
}
