using System.Text;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Links;

public sealed class DagJsonLinksTests
{
    private const string V1 = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
    private const string V0 = "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH";

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1,-2.5e3,\"a b\",true]")]
    [InlineData("\"a \\\" b\"")]
    [InlineData("""{"/":{"bytes":"mAQID"}}""")]
    [InlineData("""{"/":{"bytes":""}}""")]
    [InlineData("""{"/":1}""")]
    [InlineData("""{"/":{"other":1}}""")]
    [InlineData("""{"/":{"bytes":1}}""")]
    [InlineData("""{"!":1,"/":"no link in second place"}""")]
    [InlineData("""{"/":{"/":"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}}""", V1)]
    [InlineData("""{"/":"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}""", V1)]
    [InlineData("""{"/":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}""", V0)]
    [InlineData(
        """{"a":[{"/":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}],"b":{"/":"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}}""", V0, V1)]
    public void Links_are_found_wherever_they_stand(string json, params string[] links) =>
        Assert.Equal(links.Select(Cid.Parse), Read(json));

    [Theory]
    [InlineData("", "Not dag-json")]
    [InlineData("{", "Not dag-json")]
    [InlineData("[1", "Not dag-json")]
    [InlineData("[1,]", "Not dag-json")]
    [InlineData("{}{}", "Not dag-json")]
    [InlineData("{} ", "whitespace")]
    [InlineData("{\"a\": 1}", "whitespace")]
    [InlineData("[1,\n2]", "whitespace")]
    [InlineData("/**/1", "Not dag-json")]
    [InlineData("NaN", "Not dag-json")]
    [InlineData("""{"b":1,"a":2}""", "repeated or out of order")]
    [InlineData("""{"a":1,"a":2}""", "repeated or out of order")]
    [InlineData("""{"a":1,"\u0061":2}""", "repeated or out of order")]
    [InlineData("""{"/":"bafy"}""", "no CID")]
    [InlineData("""{"/":"/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}""", "not written as")]
    [InlineData("""{"/":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH","x":1}""", "more than a link")]
    [InlineData("""{"/":{"bytes":"AQID","x":1}}""", "more than bytes")]
    [InlineData("""{"/":{"bytes":"AQID"},"x":1}""", "more than bytes")]
    [InlineData("""{"/":{"bytes":"AQ=="}}""", "base64")]
    [InlineData("""{"/":{"bytes":"A-ID"}}""", "base64")]
    [InlineData("\"\\ud800\"", "no Unicode")]
    public void What_is_not_the_one_form_is_refused(string json, string why) =>
        Fails.With(DagErrorIds.InvalidDagJson, why, () => Read(json));

    [Fact]
    public void A_link_in_another_base_is_refused() =>
        Fails.With(DagErrorIds.InvalidDagJson, "not written as", () => Read($$"""{"/":"{{Cid.Parse(V1).ToString(MultibaseEncoding.Base58Btc)}}"}"""));

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused() =>
        Fails.With(DagErrorIds.InvalidDagJson, "no Unicode", () => Read([(byte)'"', 0xFF, (byte)'"']));

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] block = Encoding.UTF8.GetBytes($$$"""{"a":[{"/":"{{{V1}}}"},{"/":{"bytes":"AQID"}}]}""");
        for (int length = 0; length < block.Length; length++)
        {
            Fails.With(DagErrorIds.InvalidDagJson, "", () => Read(block[..length]));
        }

        Assert.Single(Read(block));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        var limits = new DagLimits { MaxNesting = 3 };
        Assert.Empty(Read("[[[0]]]"u8.ToArray(), limits));
        Fails.With(DagErrorIds.DagLimitExceeded, "deeper", () => Read("[[[[0]]]]"u8.ToArray(), limits));
        Fails.With(DagErrorIds.DagLimitExceeded, "deeper", () => Read("[[[[[[[[0]]]]]]]]"u8.ToArray(), limits));
        Fails.With(DagErrorIds.DagLimitExceeded, "deeper", () => Read(Encoding.UTF8.GetBytes(new string('[', 1_000_000))));
    }

    [Fact]
    public void Damaged_text_is_read_or_refused_and_nothing_else() => Seeded.Run(3000, random =>
    {
        byte[] block = Encoding.UTF8.GetBytes($$$"""{"a":[{"/":"{{{V1}}}"},{"/":{"bytes":"AQID"}},"\u00e4\n"],"b":-1.5}""");
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            block[random.Next(block.Length)] = (byte)random.Next(256);
        }

        try
        {
            Read(block);
        }
        catch (DagException error)
        {
            Assert.Equal(DagErrorIds.InvalidDagJson, error.ErrorId);
        }
    });

    private static IReadOnlyList<Cid> Read(string json) => Read(Encoding.UTF8.GetBytes(json));

    private static IReadOnlyList<Cid> Read(byte[] block, DagLimits? limits = null) =>
        DagLinks.Read(Cid.Compute(Multicodec.DagJson, block), block, limits);
}
