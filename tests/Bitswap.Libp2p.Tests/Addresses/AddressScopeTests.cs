using System.Net;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Tests.Addresses;

public sealed class AddressScopeTests
{
    /// <summary>The entries of the special-purpose registries of IANA for IPv4 and IPv6, and what is multicast.</summary>
    public static TheoryData<string, AddressScope> Registry => new()
    {
        { "0.0.0.0/8", AddressScope.Machine },
        { "10.0.0.0/8", AddressScope.Network },
        { "100.64.0.0/10", AddressScope.Network },
        { "127.0.0.0/8", AddressScope.Machine },
        { "169.254.0.0/16", AddressScope.Network },
        { "172.16.0.0/12", AddressScope.Network },
        { "192.0.0.0/29", AddressScope.Network },
        { "192.0.0.8/32", AddressScope.Network },
        { "192.0.0.9/32", AddressScope.World },
        { "192.0.0.10/32", AddressScope.World },
        { "192.0.0.170/32", AddressScope.Network },
        { "192.0.0.171/32", AddressScope.Network },
        { "192.0.2.0/24", AddressScope.Network },
        { "192.31.196.0/24", AddressScope.World },
        { "192.52.193.0/24", AddressScope.World },
        { "192.88.99.0/24", AddressScope.Network },
        { "192.168.0.0/16", AddressScope.Network },
        { "192.175.48.0/24", AddressScope.World },
        { "198.18.0.0/15", AddressScope.Network },
        { "198.51.100.0/24", AddressScope.Network },
        { "203.0.113.0/24", AddressScope.Network },
        { "224.0.0.0/4", AddressScope.Nowhere },
        { "240.0.0.0/5", AddressScope.Network },
        { "255.255.255.255/32", AddressScope.Nowhere },
        { "::/128", AddressScope.Machine },
        { "::1/128", AddressScope.Machine },
        { "64:ff9b:1::/48", AddressScope.Network },
        { "100::/64", AddressScope.Nowhere },
        { "100:0:0:1::/64", AddressScope.Nowhere },
        { "2001:1::1/128", AddressScope.World },
        { "2001:1::2/128", AddressScope.World },
        { "2001:1::3/128", AddressScope.World },
        { "2001:1::4/128", AddressScope.Network },
        { "2001:2::/48", AddressScope.Network },
        { "2001:3::/32", AddressScope.World },
        { "2001:4:112::/48", AddressScope.World },
        { "2001:10::/28", AddressScope.Network },
        { "2001:20::/28", AddressScope.World },
        { "2001:30::/28", AddressScope.World },
        { "2001:100::/24", AddressScope.Network },
        { "2001:db8::/32", AddressScope.Network },
        { "2620:4f:8000::/48", AddressScope.World },
        { "3fff::/20", AddressScope.Network },
        { "5f00::/16", AddressScope.Network },
        { "fc00::/7", AddressScope.Network },
        { "fe80::/10", AddressScope.Network },
        { "fec0::/10", AddressScope.Network },
        { "ff00::/8", AddressScope.Nowhere },

        // not in the registries: global unicast, and what none on the internet has
        { "2600::/12", AddressScope.World },
        { "2a00::/12", AddressScope.World },
        { "200::/7", AddressScope.Network },
        { "4000::/3", AddressScope.Network },
    };

    [Theory]
    [MemberData(nameof(Registry))]
    public void An_entry_of_the_registries_reaches_so_far_from_its_first_address_to_its_last(string entry, AddressScope reach)
    {
        IPNetwork network = IPNetwork.Parse(entry);
        Assert.Equal(reach, AddressScopes.Of(network.BaseAddress));
        Assert.Equal(reach, AddressScopes.Of(Last(network)));
    }

    [Theory]
    [InlineData("9.255.255.255", "11.0.0.0")]
    [InlineData("100.63.255.255", "100.128.0.0")]
    [InlineData("126.255.255.255", "128.0.0.0")]
    [InlineData("169.253.255.255", "169.255.0.0")]
    [InlineData("172.15.255.255", "172.32.0.0")]
    [InlineData("191.255.255.255", "192.0.1.0")]
    [InlineData("192.0.1.255", "192.0.3.0")]
    [InlineData("192.167.255.255", "192.169.0.0")]
    [InlineData("198.17.255.255", "198.20.0.0")]
    [InlineData("223.255.255.255", "1.0.0.0")]
    [InlineData("2001:200::", "2001:db7:ffff::")]
    [InlineData("2001:db9::", "3ffe::")]
    public void What_is_beside_an_entry_is_of_the_internet(string before, string after)
    {
        Assert.Equal(AddressScope.World, AddressScopes.Of(IPAddress.Parse(before)));
        Assert.Equal(AddressScope.World, AddressScopes.Of(IPAddress.Parse(after)));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("8.8.8.8")]
    public void An_IPv6_address_reaches_as_far_as_the_IPv4_one_that_it_stands_for(string ip4)
    {
        AddressScope reach = AddressScopes.Of(IPAddress.Parse(ip4));
        byte[] bytes = IPAddress.Parse(ip4).GetAddressBytes();
        string hex = $"{Convert.ToHexStringLower(bytes.AsSpan(0, 2))}:{Convert.ToHexStringLower(bytes.AsSpan(2))}";
        string inverted = $"{~bytes[0] & 0xff:x2}{~bytes[1] & 0xff:x2}:{~bytes[2] & 0xff:x2}{~bytes[3] & 0xff:x2}";
        string[] forms = [$"::ffff:{ip4}", $"::ffff:0:{hex}", $"64:ff9b::{hex}", $"2002:{hex}::1", $"2002:{hex}:ffff::", $"::{hex}", $"2001:0:{hex}::f7f7:f7f7", $"2001:0:808:808::{inverted}"];
        Assert.All(forms, form => Assert.Equal(reach, AddressScopes.Of(IPAddress.Parse(form))));
        Assert.All(forms, form => Assert.Equal(reach, AddressScopes.Of(Multiaddr.Parse($"/ip6/{IPAddress.Parse(form)}/tcp/1"))));
    }

    [Theory]
    [InlineData("/ip4/127.255.0.1/udp/1/quic-v1", AddressScope.Machine)]
    [InlineData("/dns4/localhost/tcp/1", AddressScope.Machine)]
    [InlineData("/dns/a.LocalHost/tcp/1", AddressScope.Machine)]
    [InlineData("/dns/localhost./tcp/1", AddressScope.Machine)]
    [InlineData("/dns4/127.0.0.1/tcp/1", AddressScope.Machine)]
    [InlineData("/dns4/2130706433/tcp/1", AddressScope.Machine)]
    [InlineData("/dns4/0x7f.1/tcp/1", AddressScope.Machine)]
    [InlineData("/unix/run/a.sock", AddressScope.Machine)]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", AddressScope.Network)]
    [InlineData("/dns/printer.local/tcp/1", AddressScope.Network)]
    [InlineData("/dns/printer/tcp/1", AddressScope.Network)]
    [InlineData("/dns/nas.home.arpa/tcp/1", AddressScope.Network)]
    [InlineData("/dns/db.prod.INTERNAL/tcp/1", AddressScope.Network)]
    [InlineData("/dns/notlocal.example/tcp/1", AddressScope.World)]
    [InlineData("/dns/notlocalhost.com/tcp/1", AddressScope.World)]
    [InlineData("/dns4/example.com/tcp/1", AddressScope.World)]
    [InlineData("/dnsaddr/bootstrap.libp2p.io", AddressScope.World)]
    public void An_address_reaches_as_far_as_its_first_part(string address, AddressScope reach) =>
        Assert.Equal(reach, AddressScopes.Of(Multiaddr.Parse(address)));

    private static IPAddress Last(IPNetwork network)
    {
        byte[] bytes = network.BaseAddress.GetAddressBytes();
        for (int bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }
        return new IPAddress(bytes);
    }
}
