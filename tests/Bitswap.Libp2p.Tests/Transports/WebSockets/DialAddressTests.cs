using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Tests.Transports.WebSockets;

public sealed class DialAddressTests
{
    private const string Peer = "/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X";

    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/4001", null)]
    [InlineData("/ip4/192.0.2.1/tcp/4001" + Peer, null)]
    [InlineData("/ip4/192.0.2.1/tcp/4001/ws", "ws://192.0.2.1:4001/")]
    [InlineData("/ip6/2001:db8::1/tcp/80/ws" + Peer, "ws://[2001:db8::1]/")]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/81/ws", "ws://[fe80::1]:81/")]
    [InlineData("/dns4/example.com/tcp/443/wss" + Peer, "wss://example.com/")]
    [InlineData("/dns/example.com/tcp/4002/tls/ws", "wss://example.com:4002/")]
    [InlineData("/ip4/192.0.2.1/tcp/4001/tls/sni/192-0-2-1.k51.libp2p.direct/ws" + Peer, "wss://192-0-2-1.k51.libp2p.direct:4001/")]
    public void An_address_of_TCP_or_a_WebSocket_can_be_dialled(string text, string? url)
    {
        var address = Multiaddr.Parse(text);

        Assert.True(DialAddress.TryParse(address, out DialAddress? parsed));
        Assert.Equal(url, parsed.WebSocket?.At(parsed.Port).ToString());
        Assert.True(AddressTransports.IsDialable(address));
        Assert.Null(AddressTransports.ForeignNameOf(address));
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/4001/tls", "TLS")]
    [InlineData("/ip4/192.0.2.1/tcp/443/https", "HTTP")]
    [InlineData("/ip4/192.0.2.1/udp/4001/quic-v1", "QUIC")]
    [InlineData("/ip4/192.0.2.1/tcp/4001/ws" + Peer + "/p2p-circuit", "relay")]
    [InlineData("/ip4/192.0.2.1/tcp/4001/tls/sni/a.example", "TLS")]
    [InlineData("/ip4/192.0.2.1/tcp/4001/ws/http", "WebSocket")]
    public void An_address_of_another_transport_cannot_and_is_named_as_such(string text, string transport)
    {
        var address = Multiaddr.Parse(text);

        Assert.False(DialAddress.TryParse(address, out _));
        Assert.Equal(transport, AddressTransports.ForeignNameOf(address));
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/1/ws", "/ws")]
    [InlineData("/ip4/192.0.2.1/tcp/1/wss", "/tls/ws")]
    [InlineData("/dns4/a.example/tcp/1/wss", "/tls/sni/a.example/ws")]
    public void A_connection_tells_the_same_address(string text, string suffix)
    {
        Assert.True(DialAddress.TryParse(Multiaddr.Parse(text), out DialAddress? parsed));
        Assert.Equal(suffix, parsed.WebSocket!.Suffix.ToString());
    }
}
