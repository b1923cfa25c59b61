using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Tests.UnixFs.Read;

public sealed class ContentPathTests
{
    private const string Cid = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354";

    [Theory]
    [InlineData(Cid, "")]
    [InlineData("/ipfs/" + Cid, "")]
    [InlineData("ipfs://" + Cid, "")]
    [InlineData(Cid + "/", "")]
    [InlineData(Cid + "/a/b", "a|b")]
    [InlineData("/ipfs/" + Cid + "/a//b/", "a|b")]
    [InlineData("/ipfs/" + Cid + "/100%25/%zz/a b?c#d", "100%25|%zz|a b?c#d")]
    [InlineData("ipfs://" + Cid + "/100%25/a%20b/%C3%A9é?format=raw#top", "100%|a b|éé")]
    [InlineData("IPFS://" + Cid + "/x", "x")]
    [InlineData("ipfs:" + Cid + "/x%20y?z", "x y")]
    [InlineData(" " + Cid + "/x y\n", "x y")]
    [InlineData("\n/ipfs/" + Cid + "/x \n", "x")]
    [InlineData("https://host.example/ipfs/" + Cid, "")]
    [InlineData("http://127.0.0.1:8080/ipfs/" + Cid + "/a%20b//c/?format=car&x=/y#z/w", "a b|c")]
    [InlineData("https://" + Cid + ".ipfs.host.example", "")]
    [InlineData("https://" + Cid + ".ipfs.localhost:8080/a.txt?download=true", "a.txt")]
    [InlineData("https://" + Cid + ".IPFS.host.example/ipfs/other", "ipfs|other")]
    public void A_path_is_a_CID_and_names(string text, string names)
    {
        ContentPath path = ContentPath.Parse(text);

        Assert.Equal(Cid, path.Root.ToString());
        Assert.Equal(names, string.Join('|', path.Names));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/ipfs/")]
    [InlineData("/ipfs/nonsense/a")]
    [InlineData("https://host.example/" + Cid)]
    [InlineData("https://.ipfs.host.example/a")]
    [InlineData("ftp://host.example/ipfs/" + Cid)]
    public void What_begins_with_no_CID_is_refused(string text) =>
        Assert.Equal("InvalidCid", Assert.Throws<MultiformatException>(() => ContentPath.Parse(text)).ErrorId);

    [Theory]
    [InlineData("/ipns/" + Cid)]
    [InlineData("/ipns/docs.example/a/b")]
    [InlineData("ipns://docs.example/a")]
    [InlineData("https://host.example/ipns/" + Cid)]
    [InlineData("https://" + Cid + ".ipns.host.example/a")]
    public void What_begins_with_an_ipns_name_is_told_apart(string text) =>
        Assert.Equal("UnsupportedName", Assert.Throws<MultiformatException>(() => ContentPath.Parse(text)).ErrorId);

    [Fact]
    public void A_slash_may_be_a_digit_of_the_CID()
    {
        Bitswap.Cid cid = Enumerable.Range(0, 1000).Select(i => Bitswap.Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(i)))
            .First(cid => cid.ToString(MultibaseEncoding.Base64).Contains('/', StringComparison.Ordinal));

        ContentPath path = ContentPath.Parse(cid.ToString(MultibaseEncoding.Base64));

        Assert.Equal(cid, path.Root);
        Assert.Empty(path.Names);
    }

    [Theory]
    [InlineData(Cid + "/..", "names no entry")]
    [InlineData("/ipfs/" + Cid + "/a/./b", "names no entry")]
    [InlineData("ipfs://" + Cid + "/%2e%2E", "names no entry")]
    [InlineData("ipfs://" + Cid + "/a%2fb", "slash")]
    [InlineData("ipfs://" + Cid + "/a%2", "hexadecimal")]
    [InlineData("ipfs://" + Cid + "/a%zz", "hexadecimal")]
    [InlineData("ipfs://" + Cid + "/%ff", "UTF-8")]
    public void What_is_no_name_is_refused(string text, string why) => Fails.With("InvalidPath", why, () => ContentPath.Parse(text));

    [Fact]
    public void A_path_is_written_with_its_prefix() =>
        Assert.Equal($"/ipfs/{Cid}/a b/c", ContentPath.Parse($"ipfs://{Cid}/a%20b").Append("c").ToString());
}
