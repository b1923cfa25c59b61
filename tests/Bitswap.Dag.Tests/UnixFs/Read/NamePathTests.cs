using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.Tests.UnixFs.Read;

public sealed class NamePathTests
{
    [Theory]
    [InlineData("/ipns/docs.example", "docs.example", "")]
    [InlineData("/ipns/docs.example/", "docs.example", "")]
    [InlineData(" /ipns/docs.example/a//b/ ", "docs.example", "a|b")]
    [InlineData("/ipns/docs.example/a%20b", "docs.example", "a%20b")]
    [InlineData("ipns://docs.example/a%20b?x=y#z", "docs.example", "a b")]
    [InlineData("ipns:docs.example", "docs.example", "")]
    [InlineData("IPNS://docs.example", "docs.example", "")]
    [InlineData("https://host.example/ipns/docs.example/a?b", "docs.example", "a")]
    [InlineData("https://en-wikipedia--on--ipfs-org.ipns.host.example/wiki/", "en-wikipedia--on--ipfs-org", "wiki")]
    [InlineData("[docs](<ipns://docs.example/a>)", "docs.example", "a")]
    [InlineData("/ipns/k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r/x", "k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r", "x")]
    public void A_name_and_what_follows_it_are_told_apart(string text, string name, string names)
    {
        Assert.True(NamePath.TryParse(text, out NamePath? path));
        Assert.Equal((name, names), (path.Name, string.Join('|', path.Names)));
    }

    [Theory]
    [InlineData("docs.example")]
    [InlineData("/ipfs/bafkqaaa")]
    [InlineData("bafkqaaa/ipns/x")]
    [InlineData("https://host.example/docs")]
    [InlineData("")]
    public void What_does_not_say_that_it_is_a_name_is_none(string text) => Assert.False(NamePath.TryParse(text, out _));

    [Theory]
    [InlineData("/ipns//a", "the name is missing")]
    [InlineData("ipns://", "the name is missing")]
    [InlineData("/ipns/docs.example/../a", "'..' names no entry")]
    [InlineData("ipns://docs.example/%2e%2e", "'..' names no entry")]
    [InlineData("ipns://docs.example/a%2Fb", "has a slash in it")]
    [InlineData("ipns://docs.example/%zz", "hexadecimal")]
    public void Paths_that_lead_out_or_are_none_are_refused(string text, string reason)
    {
        DagException error = Assert.Throws<DagException>(() => NamePath.TryParse(text, out _));
        Assert.Equal("InvalidPath", error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs.example", "docs.example", "")]
    [InlineData(" docs.example/a b/c ", "docs.example", "a b|c")]
    [InlineData("<docs.example/>", "docs.example", "")]
    [InlineData("https://docs.example/a%20b/?x=y#z", "docs.example", "a b")]
    [InlineData("http://docs.example:8080", "docs.example", "")]
    [InlineData("/ipns/docs.example/a", "docs.example", "a")]
    [InlineData("12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8/a", "12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8", "a")]
    public void A_bare_name_and_the_address_of_a_site_are_read_where_a_name_is_expected(string text, string name, string names)
    {
        NamePath path = NamePath.Parse(text);
        Assert.Equal((name, names), (path.Name, string.Join('|', path.Names)));
    }

    [Theory]
    [InlineData("", "the name is missing")]
    [InlineData("/a", "the name is missing")]
    [InlineData("docs.example/..", "'..' names no entry")]
    [InlineData("/ipfs/bafkqaaa", "it begins with a CID")]
    [InlineData("ipfs://bafkqaaa/a", "it begins with a CID")]
    public void What_is_no_name_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<DagException>(() => NamePath.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void It_is_written_as_a_path()
    {
        NamePath path = new NamePath("docs.example", []).Append("a").Append("b c");
        Assert.Equal("/ipns/docs.example/a/b c", path.ToString());
        Assert.Equal("/ipns/docs.example", new NamePath("docs.example", []).ToString());
    }
}
