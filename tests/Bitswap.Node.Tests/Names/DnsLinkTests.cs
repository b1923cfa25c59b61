using Bitswap.Node.Names;

namespace Bitswap.Node.Tests.Names;

public sealed class DnsLinkTests
{
    [Theory]
    [InlineData("docs.ipfs.tech", "docs.ipfs.tech")]
    [InlineData("Docs.IPFS.tech.", "docs.ipfs.tech")]
    [InlineData("en-wikipedia--on--ipfs-org", "en.wikipedia-on-ipfs.org")]
    [InlineData("example-com", "example.com")]
    [InlineData("my-site.example.com", "my-site.example.com")]
    [InlineData("_a.example.com", "_a.example.com")]
    [InlineData("münchen.example", "xn--mnchen-3ya.example")]
    [InlineData("localhost", null)]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData("a..b", null)]
    [InlineData("-a.example", null)]
    [InlineData("a-.example", null)]
    [InlineData("a b.example", null)]
    [InlineData("a/b.example", null)]
    [InlineData("a\0b.example", null)]
    [InlineData("a\n.example", null)]
    [InlineData("example.com\n", null)]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234.example", null)]
    public void Domains_are_told_from_other_texts(string name, string? domain) => Assert.Equal(domain, DnsLink.DomainOf(name));

    [Fact]
    public void A_domain_leaves_room_for_what_is_put_before_it()
    {
        string label = new('a', 60);
        string longest = $"{label}.{label}.{label}.{label}";
        Assert.Equal(longest, DnsLink.DomainOf(longest));
        Assert.Equal(253, $"_dnslink.{longest}.".Length);
        Assert.Null(DnsLink.DomainOf(longest + "aa"));
    }

    [Fact]
    public void Only_records_that_link_are_taken_and_each_link_once() => Assert.Equal(
        ["/ipfs/bafkqaaa/a", "/ipns/docs.example", "/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"],
        DnsLink.ValuesOf([
            "v=spf1 -all", "dnslink=/ipfs/bafkqaaa/a", "dnslink=/ipns/docs.example", "dnslink=/ipfs/bafkqaaa/a", "dnslink=/swarm/1", "dnslink=", "DNSLINK=/ipfs/bafkqaab",
            "xdnslink=/ipfs/bafkqaab", "dnslink=QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", "/ipfs/bafkqaab", "dnslink=nonsense",
        ]));
}
