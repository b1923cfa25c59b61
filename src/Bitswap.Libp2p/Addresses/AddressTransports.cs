namespace Bitswap.Libp2p.Addresses;

/// <summary>Tells what addresses are reached over.</summary>
public static class AddressTransports
{
    /// <summary>The transports that this host dials, for a message.</summary>
    public const string Dialled = "TCP and WebSocket";

    private const string Tcp = "TCP";

    // the first that an address has a part of; a relayed one has those of its relay, too
    private static readonly (string Name, string[] Parts)[] _transports =
    [
        ("relay", [RelayedAddress.Part]),
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

    /// <summary>Returns whether this host can dial an address, directly or through a relay.</summary>
    public static bool IsDialable(Multiaddr address) => IsDirect(address) || RelayedAddress.TryParse(address, out _);

    /// <summary>Returns whether this host can dial an address without a relay.</summary>
    public static bool IsDirect(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return IsDnsAddr(address) || DialAddress.TryParse(address, out _);
    }

    /// <summary>Returns whether an address is a name whose TXT records hold addresses, of one peer or of any.</summary>
    public static bool IsDnsAddr(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.Components is [{ Protocol: "dnsaddr" }] or [{ Protocol: "dnsaddr" }, { Protocol: "p2p" }];
    }

    /// <summary>Returns the name of the transport that an address is for; null where it names none. A name of addresses counts as TCP.</summary>
    public static string? NameOf(Multiaddr address)
    {
        if (IsDnsAddr(address) || (address.TryGetTcp(out _, out _, out MultiaddrHostKind kind) && kind != MultiaddrHostKind.DnsAddr))
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

    /// <summary>Returns what an address that this host cannot dial is for; null for one that it can.</summary>
    public static string? ForeignNameOf(Multiaddr address) => IsDialable(address) ? null : NameOf(address) ?? address.Components[^1].Protocol;
}
