using System.Net;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

public sealed class MultiaddrTests
{
    private const string Peer = "12D3KooWCryG7Mon9orvQxcS1rYZjotPgpwoJNHHKcLLfE4Hf5mV";
    private const string OtherPeer = "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC";

    public static TheoryData<string> Canonical =>
    [
        "/ip4/1.2.3.4",
        "/ip4/0.0.0.0/tcp/0",
        "/ip4/255.255.255.255/udp/65535",
        "/ip4/127.0.0.1/udp/1234/ip4/127.0.0.1/tcp/4321",
        "/ip6/::1/tcp/4001",
        "/ip6/::",
        "/ip6/2601:9:4f81:9700:803e:ca65:66e8:c21/udp/1234/quic-v1",
        "/ip6/::ffff:127.0.0.1/tcp/111",
        "/ip6zone/eth0/ip6/fe80::1/tcp/1",
        "/ip6zone/x%y/ip6/fe80::1",
        "/dns/example.com/tcp/443/tls/ws",
        "/dns4/example.com/tcp/443/wss",
        "/dns6/example.com/udp/443/quic-v1/webtransport",
        "/dnsaddr/bootstrap.libp2p.io/p2p/" + OtherPeer,
        "/dns4/xn--bcher-kva.example/tcp/1",
        "/dns4/bücher.example/tcp/1",
        "/ip4/127.0.0.1/tcp/443/tls/sni/example.com/http",
        "/dns/example.com/tcp/443/https/http-path/a%2Fb%20c%3F",
        "/ip4/127.0.0.1/tcp/80/http/http-path/%C3%A9%2B/p2p/" + Peer,
        "/ip4/127.0.0.1/tcp/127/noise",
        "/ip4/127.0.0.1/tcp/127/https",
        "/ip4/127.0.0.1/udp/1234/quic",
        "/ip4/127.0.0.1/udp/1234/webrtc-direct/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
        "/ip4/127.0.0.1/udp/1234/quic-v1/webtransport/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g",
        "/ip4/1.2.3.4/tcp/1/p2p/" + OtherPeer + "/p2p-circuit/p2p/" + Peer,
        "/ip4/1.2.3.4/tcp/1/p2p/" + OtherPeer + "/p2p-circuit/webrtc/p2p/" + Peer,
        "/p2p/" + Peer,
        "/unix/a/b/c/d/e",
        "/unix/stdio",
        "/unix/a/",
        "/unix//",
        "/p2p/" + OtherPeer + "/unix/a/b c",
    ];

    [Theory]
    [MemberData(nameof(Canonical))]
    public void Canonical_text_reads_back_as_text_and_as_bytes(string text)
    {
        Multiaddr address = Multiaddr.Parse(text);

        Assert.Equal(text, address.ToString());
        Assert.Equal(address, Multiaddr.FromBytes(address.Bytes));
        Assert.Equal(text, Multiaddr.FromBytes(address.Bytes).ToString());
        Assert.Equal(text, string.Concat(address.Components));
        Assert.True(Multiaddr.TryParse(text, out Multiaddr? again));
        Assert.True(again == address && again.GetHashCode() == address.GetHashCode());
    }

    // The first two are of go-multiaddr's tests; the others follow from the protocol table.
    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/1234", "047f000001910204d2")]
    [InlineData("/ip4/127.0.0.1/udp/1234/ip4/127.0.0.1/tcp/4321", "047f000001910204d2047f0000010610e1")]
    [InlineData("/ip6zone/eth0/ip6/::1", "2a04657468302900000000000000000000000000000001")]
    [InlineData("/unix/a/b", "9003042f612f62")]
    [InlineData("/dns4/a.b/tcp/443/tls/ws", "3603612e620601bbc003dd03")]
    [InlineData("/ip4/1.2.3.4/udp/1/quic-v1", "04010203049102" + "0001" + "cd03")]
    [InlineData("/p2p-circuit/wss", "a202de03")]
    [InlineData("/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC",
        "a503221220d52ebb89d85b02a284948203a62ff28389c57c9f42beec4ec20db76a68911c0b")]
    public void Bytes_are_pinned(string text, string hex)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(Multiaddr.Parse(text).Bytes));
        Assert.Equal(text, Multiaddr.FromBytes(Convert.FromHexString(hex)).ToString());
    }

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/80/", "/ip4/1.2.3.4/tcp/80")]
    [InlineData("/ip6/2001:DB8:0:0:0:0:0:1", "/ip6/2001:db8::1")]
    [InlineData("/ip6/0:0:0:0:0:0:0:0", "/ip6/::")]
    [InlineData("/ip6/1:0:0:2:0:0:0:3", "/ip6/1:0:0:2::3")]
    [InlineData("/ip6/1:0:0:2:3:0:0:4", "/ip6/1::2:3:0:0:4")]
    [InlineData("/ip6/1:0:2:3:4:5:6:7", "/ip6/1:0:2:3:4:5:6:7")]
    [InlineData("/ip6/1:2:3:4:5:6:0:0", "/ip6/1:2:3:4:5:6::")]
    [InlineData("/ip6/::ffff:102:304", "/ip6/::ffff:1.2.3.4")]
    [InlineData("/ip6/::1.2.3.4", "/ip6/::102:304")]
    [InlineData("/ip6/64:ff9b::1.2.3.4", "/ip6/64:ff9b::102:304")]
    [InlineData("/ipfs/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC", "/p2p/QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC")]
    [InlineData("/p2p/bafzaajaiaejcalj543iwv2d7pkjt7ykvefrkfu7qjfi6sduakhso4lay6abn2d5u", "/p2p/" + Peer)]
    [InlineData("/webtransport/certhash/zQmbWTwYGcmdyK9CYfNBcfs9nhZs17a6FQ4Y8oea278xx41",
        "/webtransport/certhash/uEiDDq4_xNyDorZBH3TlGazyJdOWSwvo4PUo5YHFMrvDE8g")]
    [InlineData("/http/http-path/a%2fb+c~é", "/http/http-path/a%2Fb%2Bc~%C3%A9")]
    public void Other_forms_become_canonical(string text, string canonical)
    {
        Assert.Equal(canonical, Multiaddr.Parse(text).ToString());
        Assert.Equal(Multiaddr.Parse(canonical), Multiaddr.Parse(text));
    }

    [Theory]
    [InlineData("", "the text is empty")]
    [InlineData("/", "it has no parts")]
    [InlineData("//", "'' at position 1 is no protocol")]
    [InlineData("ip4/1.2.3.4", "does not begin with a slash")]
    [InlineData(" /ip4/1.2.3.4", "does not begin with a slash")]
    [InlineData("/ip4/1.2.3.4//tcp/1", "'' at position 13 is no protocol")]
    [InlineData("/ip4/1.2.3.4/tcp/80//", "'' at position 20 is no protocol")]
    [InlineData("/IP4/1.2.3.4", "'IP4' at position 1 is no protocol known here")]
    [InlineData("/ip4/1.2.3.4/tcpx/1", "'tcpx' at position 13 is no protocol known here")]
    [InlineData("/ip4", "ip4 at position 1 has no value")]
    [InlineData("/ip4/", "ip4 at position 1 has no value")]
    [InlineData("/ip4/127.0.0.1/tcp", "tcp at position 15 has no value")]
    [InlineData("/ip4/::1", "the value of ip4 at position 5 is no IPv4 address")]
    [InlineData("/ip4/1.2.3", "is no IPv4 address")]
    [InlineData("/ip4/1.2.3.4.5", "is no IPv4 address")]
    [InlineData("/ip4/1.2.3.", "is no IPv4 address")]
    [InlineData("/ip4/1.2.3.256", "is no IPv4 address")]
    [InlineData("/ip4/1.2.3.04", "is no IPv4 address")]
    [InlineData("/ip4/1.2.3.+4", "is no IPv4 address")]
    [InlineData("/ip4/0x7f.0.0.1", "is no IPv4 address")]
    [InlineData("/ip4/2130706433", "is no IPv4 address")]
    [InlineData("/ip6/1.2.3.4", "the value of ip6 at position 5 is no IPv6 address")]
    [InlineData("/ip6/[::1]", "is no IPv6 address")]
    [InlineData("/ip6/fe80::1%eth0", "is no IPv6 address")]
    [InlineData("/ip6/fe80::1%1", "is no IPv6 address")]
    [InlineData("/ip6/1::2::3", "is no IPv6 address")]
    [InlineData("/ip6/1:2:3:4:5:6:7", "is no IPv6 address")]
    [InlineData("/ip6/1:2:3:4:5:6:7:8:9", "is no IPv6 address")]
    [InlineData("/ip6/12345::", "is no IPv6 address")]
    [InlineData("/ip6/:1", "is no IPv6 address")]
    [InlineData("/ip6zone//ip6/fe80::1", "the value of ip6zone at position 9 is empty")]
    [InlineData("/http/http-path/", "http-path at position 6 has no value")]
    [InlineData("/http/http-path/a%2", "holds a percent sign without two hexadecimal digits behind it")]
    [InlineData("/http/http-path/%zz", "holds a percent sign without two hexadecimal digits behind it")]
    [InlineData("/http/http-path/%FF", "is no valid UTF-8")]
    [InlineData("/http/http-path/a%0Ab", "holds a control character")]
    [InlineData("/http/http-path/a%7Fb", "holds a control character")]
    [InlineData("/tcp/65536", "the value of tcp at position 5 is no port from 0 to 65535")]
    [InlineData("/tcp/-1", "is no port")]
    [InlineData("/tcp/+1", "is no port")]
    [InlineData("/tcp/080", "is no port")]
    [InlineData("/tcp/ 80", "is no port")]
    [InlineData("/tcp/80x", "is no port")]
    [InlineData("/tcp/٣", "is no port")]
    [InlineData("/udp/99999999999999999999", "is no port")]
    [InlineData("/ip4/127.0.0.1/quic-v1/1234", "'1234' at position 23 is no protocol")]
    [InlineData("/dns4/a b/tcp/1", "the value of dns4 at position 6 holds a slash, a space or a control character")]
    [InlineData("/dns4/a\u0001/tcp/1", "holds a slash, a space or a control character")]
    [InlineData("/dns4//tcp/1", "the value of dns4 at position 6 is empty")]
    [InlineData("/unix", "unix at position 1 has no value")]
    [InlineData("/unix/", "unix at position 1 has no value")]
    [InlineData("/unix/a\0b", "holds a NUL")]
    [InlineData("/p2p", "p2p at position 1 has no value")]
    [InlineData("/p2p/tcp", "the value of p2p at position 5 is no peer id")]
    [InlineData("/p2p/QmxoHT6iViN5xAjoz1VZ553cL31U9F94ht3QvWR1FrEbZY", "is no peer id")]
    [InlineData("/p2p/k2jmtxwoe2phm1hbqp0e7nufqf6umvuu2e9qd7ana7h411a0haqj6i2z", "is no peer id")]
    [InlineData("/webtransport/certhash/b2uaraocy6yrdblb4sfptaddgimjmmp", "the value of certhash at position 23")]
    [InlineData("/webtransport/certhash/uAAAA", "is no multihash")]
    public void Malformed_text_is_refused_with_its_cause(string text, string cause)
    {
        Assert.False(Multiaddr.TryParse(text, out Multiaddr? address));
        Assert.Null(address);
        Fails.With("InvalidMultiaddr", cause, () => Multiaddr.Parse(text));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("047f0000", "the value of ip4 at byte 1 has 4 bytes, of which 3 are there")]
    [InlineData("06", "the value of tcp at byte 1 has 2 bytes, of which 0 are there")]
    [InlineData("8006", "0x300 at byte 0 is no protocol known here")]
    [InlineData("84007f000001", "protocol code, the varint at byte 0, is not in its shortest form")]
    [InlineData("36", "length of dns4, the varint at byte 1, is cut short")]
    [InlineData("3600", "the value of dns4 before byte 2 is empty")]
    [InlineData("3602ff61", "is no valid UTF-8")]
    [InlineData("3603612f62", "holds a slash, a space or a control character")]
    [InlineData("36ffffffffffffffff7f61", "has 9223372036854775807 bytes, of which 1 are there")]
    [InlineData("90030161", "is no absolute path")]
    [InlineData("9003012f", "is no absolute path")]
    [InlineData("9003022f610600ff", "a part follows a path")]
    [InlineData("a503221221c05877cbae039d70a5e600ea02c6f9f2942439285c9e344e26f8d280c850fad6", "is no peer id")]
    [InlineData("a50300", "is no peer id")]
    [InlineData("d2030112", "is no multihash")]
    public void Malformed_bytes_are_refused_with_their_cause(string hex, string cause)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.False(Multiaddr.TryFromBytes(bytes, out _));
        Fails.With("InvalidMultiaddr", cause, () => Multiaddr.FromBytes(bytes));
    }

    // Not inline data: an attribute holds UTF-8, which has no half surrogates.
    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        Fails.With("InvalidMultiaddr", "is no valid Unicode text", () => Multiaddr.Parse("/dns4/\uD800/tcp/1"));
        Fails.With("InvalidMultiaddr", "is no valid Unicode text", () => Multiaddr.Parse("/unix/\uDC00"));
        Assert.False(Multiaddr.TryParse("/dns4/\uD800/tcp/1", out _));
    }

    [Fact]
    public void A_name_has_a_bound()
    {
        Assert.Equal(255, Multiaddr.Parse("/dns/" + new string('a', 255)).Components[0].Value!.Length);
        Fails.With("InvalidMultiaddr", "is longer than 255 bytes", () => Multiaddr.Parse("/dns/" + new string('a', 256)));
    }

    [Fact]
    public void Bytes_and_text_have_bounds()
    {
        byte[] longest = [.. Enumerable.Repeat<byte[]>([0xdd, 0x03], Multiaddr.MaxLength / 2).SelectMany(b => b)];
        Multiaddr address = Multiaddr.FromBytes(longest);

        Assert.Equal(address, Multiaddr.Parse(address.ToString()));
        Fails.With("InvalidMultiaddr", "over the bound of 1024", () => Multiaddr.FromBytes([.. longest, 0xdd, 0x03]));
        Fails.With("InvalidMultiaddr", "over the bound of 1024", () => Multiaddr.Parse(address + "/ws"));
        Fails.With("InvalidMultiaddr", "over the bound of 1024", () => address.Encapsulate(Multiaddr.Parse("/ws")));
        Fails.With("InvalidMultiaddr", "over the bound of 8192", () => Multiaddr.Parse(new string('/', Multiaddr.MaxTextLength + 1)));

        byte[] wordy = [.. Enumerable.Repeat<byte[]>([0x98, 0x02], Multiaddr.MaxLength / 2).SelectMany(b => b)];
        Assert.Equal(wordy, Multiaddr.Parse(Multiaddr.FromBytes(wordy).ToString()).ToByteArray());
    }

    [Fact]
    public void Components_have_names_and_values()
    {
        Multiaddr address = Multiaddr.Parse("/ip4/127.0.0.1/tcp/80/ws/unix/a/b");

        Assert.Equal(
            [new("ip4", "127.0.0.1"), new("tcp", "80"), new("ws", null), new("unix", "/a/b")],
            address.Components);
        Assert.Equal(["/ip4/127.0.0.1", "/tcp/80", "/ws", "/unix/a/b"], address.Components.Select(c => c.ToString()));
    }

    [Fact]
    public void The_peer_id_is_the_last_one_and_can_be_put_and_taken_away()
    {
        Multiaddr bare = Multiaddr.Parse("/ip4/1.2.3.4/tcp/1");
        PeerId peer = PeerId.Parse(Peer);
        PeerId other = PeerId.Parse(OtherPeer);

        Assert.Null(bare.PeerId);
        Multiaddr full = bare.WithPeerId(peer);
        Assert.Equal($"/ip4/1.2.3.4/tcp/1/p2p/{Peer}", full.ToString());
        Assert.Equal(peer, full.PeerId);
        Assert.Equal(full, full.WithPeerId(peer));
        Assert.Equal(other, full.WithPeerId(other).PeerId);
        Assert.Equal(3, full.WithPeerId(other).Components.Count);
        Assert.Equal(bare, full.WithoutPeerId());
        Assert.Same(bare, bare.WithoutPeerId());
        Assert.Throws<ArgumentNullException>(() => bare.WithPeerId(null!));

        Multiaddr relay = Multiaddr.Parse($"/ip4/1.2.3.4/tcp/1/p2p/{OtherPeer}/p2p-circuit");
        Assert.Equal(other, relay.PeerId);
        Assert.Equal($"{relay}/p2p/{Peer}", relay.WithPeerId(peer).ToString());
        Assert.Equal(peer, relay.WithPeerId(peer).PeerId);
        Assert.Same(relay, relay.WithoutPeerId());
        Fails.With("InvalidMultiaddr", "it is empty", () => Multiaddr.Parse("/p2p/" + Peer).WithoutPeerId());
    }

    [Fact]
    public void Addresses_go_into_one_another()
    {
        Multiaddr outer = Multiaddr.Parse("/ip4/127.0.0.1/udp/1234");

        Assert.Equal("/ip4/127.0.0.1/udp/1234/udp/5678", outer.Encapsulate(Multiaddr.Parse("/udp/5678")).ToString());
        Fails.With("InvalidMultiaddr", "a part follows a path", () => Multiaddr.Parse("/unix/a").Encapsulate(outer));
    }

    [Theory]
    [InlineData("/ip4/1.2.3.4/tcp/80", "1.2.3.4", 80, MultiaddrHostKind.Ip4)]
    [InlineData("/ip6/::1/tcp/0/p2p/" + Peer, "::1", 0, MultiaddrHostKind.Ip6)]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", "fe80::1%eth0", 1, MultiaddrHostKind.Ip6)]
    [InlineData("/dns/a.b/tcp/65535", "a.b", 65535, MultiaddrHostKind.Dns)]
    [InlineData("/dns4/a.b/tcp/1", "a.b", 1, MultiaddrHostKind.Dns4)]
    [InlineData("/dns6/a.b/tcp/1/p2p/" + OtherPeer, "a.b", 1, MultiaddrHostKind.Dns6)]
    [InlineData("/dnsaddr/a.b/tcp/1", "a.b", 1, MultiaddrHostKind.DnsAddr)]
    public void A_tcp_address_comes_apart(string text, string host, int port, MultiaddrHostKind kind)
    {
        Assert.True(Multiaddr.Parse(text).TryGetTcp(out string? foundHost, out int foundPort, out MultiaddrHostKind foundKind));
        Assert.Equal((host, port, kind), (foundHost, foundPort, foundKind));
    }

    [Theory]
    [InlineData("/ip4/1.2.3.4")]
    [InlineData("/tcp/80")]
    [InlineData("/ip4/1.2.3.4/udp/80")]
    [InlineData("/ip4/1.2.3.4/tcp/80/ws")]
    [InlineData("/ip4/1.2.3.4/tcp/80/tls/p2p/" + Peer)]
    [InlineData("/ip4/1.2.3.4/tcp/80/p2p/" + Peer + "/p2p-circuit")]
    [InlineData("/ip4/1.2.3.4/tcp/80/p2p/" + Peer + "/p2p-circuit/p2p/" + OtherPeer)]
    [InlineData("/ip6zone/eth0/ip4/1.2.3.4/tcp/1")]
    [InlineData("/ip6zone/eth0")]
    [InlineData("/unix/a")]
    [InlineData("/sni/a/tcp/1")]
    public void Any_other_address_is_no_tcp_address(string text)
    {
        Assert.False(Multiaddr.Parse(text).TryGetTcp(out string? host, out int port, out _));
        Assert.Null(host);
        Assert.Equal(0, port);
    }

    [Theory]
    [InlineData("127.0.0.1:4001", "/ip4/127.0.0.1/tcp/4001")]
    [InlineData("[::1]:65535", "/ip6/::1/tcp/65535")]
    [InlineData("[::ffff:1.2.3.4]:256", "/ip4/1.2.3.4/tcp/256")]
    [InlineData("[fe80::1%3]:1", "/ip6zone/3/ip6/fe80::1/tcp/1")]
    public void An_endpoint_becomes_an_address_and_back(string endPoint, string text)
    {
        IPEndPoint parsed = IPEndPoint.Parse(endPoint);
        Multiaddr address = Multiaddr.FromEndPoint(parsed);

        Assert.Equal(text, address.ToString());
        Assert.True(address.TryGetTcp(out string? host, out int port, out _));
        IPAddress expected = parsed.Address.IsIPv4MappedToIPv6 ? parsed.Address.MapToIPv4() : parsed.Address;
        Assert.Equal((expected, parsed.Port), (IPAddress.Parse(host), port));
    }

    [Fact]
    public void Ip6_text_means_the_same_to_the_platform() => Seeded.Run(3_000, random =>
    {
        byte[] ip = random.Bytes(16);
        for (int i = 0; i < 16; i += 2)
        {
            ip.AsSpan(i, 2).Fill(random.Next(2) == 0 ? (byte)0 : ip[i]);
        }

        Multiaddr address = Multiaddr.FromBytes([0x29, .. ip]);
        Assert.Equal(new IPAddress(ip), IPAddress.Parse(address.Components[0].Value!));
        Assert.Equal(address, Multiaddr.Parse(address.ToString()));
    });

    [Fact]
    public void Random_changes_never_throw_from_the_try_methods_and_what_is_read_reads_back() => Seeded.Run(20_000, random =>
    {
        string[] seeds = [.. Canonical.Select(row => row.Data)];
        Multiaddr seed = Multiaddr.Parse(seeds[random.Next(seeds.Length)]);
        byte[] bytes = seed.ToByteArray();
        char[] text = seed.ToString().ToCharArray();
        for (int i = random.Next(3); i >= 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            text[random.Next(text.Length)] = (char)random.Next(0x180);
        }

        if (Multiaddr.TryFromBytes(bytes.AsSpan(0, random.Next(bytes.Length + 1)), out Multiaddr? read))
        {
            Assert.Equal(read, Multiaddr.Parse(read.ToString()));
        }

        if (Multiaddr.TryParse(text, out read))
        {
            Assert.Equal(read, Multiaddr.Parse(read.ToString()));
            Assert.Equal(read, Multiaddr.FromBytes(read.Bytes));
        }
    });

    [Fact]
    public void Order_is_bytewise_and_null_comes_first()
    {
        Multiaddr a = Multiaddr.Parse("/ip4/1.2.3.4/tcp/1");
        Multiaddr b = Multiaddr.Parse("/ip4/1.2.3.4/tcp/2");
        Multiaddr? none = null;

        Assert.True(a.CompareTo(b) < 0 && b.CompareTo(a) > 0 && a.CompareTo(none) > 0 && ((IComparable)a).CompareTo(b) < 0);
        Assert.True(a != b && none == null && a != none && !a.Equals((object)b) && !a.Equals("text"));
        Assert.Throws<ArgumentException>(() => ((IComparable)a).CompareTo(1));
        Assert.Throws<ArgumentNullException>(() => Multiaddr.Parse(null!));
        Assert.Throws<ArgumentNullException>(() => Multiaddr.FromEndPoint(null!));
        Assert.Throws<ArgumentNullException>(() => a.Encapsulate(null!));
    }
}
