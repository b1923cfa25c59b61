using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>Addresses of gateways, as URLs and as multiaddrs.</summary>
public sealed class HttpAddressTests
{
    private const string Peer = "/p2p/12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99";

    [Theory]
    [InlineData("/dns4/a.example/tcp/443/https", "https://a.example")]
    [InlineData("/dns/A.Example/https", "https://a.example")]
    [InlineData("/dns6/a.example/tcp/8443/tls/http" + Peer, "https://a.example:8443")]
    [InlineData("/ip4/127.0.0.1/tcp/8080/http", "http://127.0.0.1:8080")]
    [InlineData("/dns/a.lan/http", "http://a.lan")]
    [InlineData("/ip6/::1/tcp/1/tls/http", "https://[::1]:1")]
    [InlineData("/dns4/a.example/tcp/443/https/http-path/a%2Fb%20c", "https://a.example/a/b%20c")]
    [InlineData("/ip4/192.0.2.1/tcp/443/tls/sni/a.example/http", "https://a.example")]
    public void A_multiaddr_of_HTTP_is_a_URL(string multiaddr, string url)
    {
        Assert.True(HttpAddress.TryParse(Multiaddr.Parse(multiaddr), out HttpAddress? parsed));
        Assert.Equal(url, parsed.ToString());
        Assert.True(HttpAddress.IsOwn(parsed.Multiaddr));
        Assert.True(HttpAddress.TryParse(parsed.Multiaddr, out HttpAddress? again));
        Assert.Equal(parsed, again);
        Assert.False(HttpAddress.IsOwn(Multiaddr.Parse(multiaddr)));
    }

    [Theory]
    [InlineData("/ip4/192.0.2.1/tcp/443")]
    [InlineData("/ip4/192.0.2.1/tcp/443/tls")]
    [InlineData("/ip4/192.0.2.1/tcp/443/tls/ws")]
    [InlineData("/ip4/192.0.2.1/udp/443/quic-v1/http")]
    [InlineData("/ip4/192.0.2.1/tcp/0/http")]
    [InlineData("/dnsaddr/a.example/https")]
    [InlineData("/dns/a.example/tcp/443/https/p2p-circuit")]
    [InlineData("/dns/a.example/tcp/443/https/http-path/a%0Db")]
    [InlineData("/dns/a_b:c/tcp/443/https")]
    [InlineData("/dns/a@b/tcp/443/https")]
    [InlineData("/dns/a.example?x/tcp/443/https")]
    [InlineData("/dns/a.example/tcp/443/https/http-path/a%2525")]
    public void Any_other_is_none(string multiaddr)
    {
        if (Multiaddr.TryParse(multiaddr, out Multiaddr? address))
        {
            Assert.False(HttpAddress.IsHttp(address));
        }
    }

    [Theory]
    [InlineData("https://A.example", "/dns/a.example/tcp/443/https")]
    [InlineData("https://a.example/", "/dns/a.example/tcp/443/https")]
    [InlineData("https://a.example/ipfs/", "/dns/a.example/tcp/443/https")]
    [InlineData("http://[::1]:8080/x/y", "/ip6/::1/tcp/8080/http/http-path/x%2Fy")]
    [InlineData("http://127.0.0.1/ipfs", "/ip4/127.0.0.1/tcp/80/http")]
    public void A_URL_is_a_multiaddr_with_the_peer_id_that_is_made_of_it(string url, string multiaddr)
    {
        HttpAddress address = HttpAddress.Of(new Uri(url));
        Assert.Equal(multiaddr, address.Multiaddr.WithoutPeerId().ToString());
        Assert.Equal(address.PeerId, address.Multiaddr.PeerId);
        Assert.True(HttpAddress.TryParse(Multiaddr.Parse(multiaddr), out HttpAddress? parsed));
        Assert.Equal(address.PeerId, parsed.PeerId);
    }

    [Fact]
    public void A_block_is_asked_for_below_the_path()
    {
        Cid cid = Cid.Parse("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH");
        Assert.Equal($"https://a.example/ipfs/{cid}?format=raw", HttpAddress.Of(new Uri("https://a.example")).UrlOf(cid).AbsoluteUri);
        Assert.Equal($"https://a.example/x/ipfs/{cid}?format=raw", HttpAddress.Of(new Uri("https://a.example/x/")).UrlOf(cid).AbsoluteUri);
    }

    [Theory]
    [InlineData("/dns/a.example/tcp/443/https", AddressScope.World, true)]
    [InlineData("/dns/a.example/tcp/80/http", AddressScope.Machine, false)]
    [InlineData("/ip4/8.8.8.8/tcp/80/http", AddressScope.Machine, false)]
    [InlineData("/ip4/127.0.0.1/tcp/80/http", AddressScope.Machine, true)]
    [InlineData("/ip4/127.0.0.1/tcp/80/http", AddressScope.Network, false)]
    [InlineData("/ip4/127.0.0.1/tcp/443/https", AddressScope.World, false)]
    [InlineData("/ip4/192.168.1.1/tcp/80/http", AddressScope.Network, true)]
    [InlineData("/ip4/192.168.1.1/tcp/80/http", AddressScope.World, false)]
    [InlineData("/ip4/169.254.169.254/tcp/80/http", AddressScope.World, false)]
    [InlineData("/dns/printer.lan/tcp/80/http", AddressScope.Network, true)]
    public void A_source_gives_what_reaches_as_far_as_itself_and_plain_text_only_nearby(string multiaddr, AddressScope source, bool isAdmitted)
    {
        Assert.True(HttpAddress.TryParse(Multiaddr.Parse(multiaddr), out HttpAddress? address));
        Assert.Equal(isAdmitted, address.IsAdmittedBy(new DialTerms(source, DialRule.Default, 8)));
    }
}
