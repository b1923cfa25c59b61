using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
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
    [InlineData("/**/1", "Not dag-json")]
    [InlineData("NaN", "Not dag-json")]
    [InlineData("""{"a":1,"a":2}""", "repeated")]
    [InlineData("""{"b":1,"a":2,"b":3}""", "repeated")]
    [InlineData("""{"a":1,"\u0061":2}""", "repeated")]
    [InlineData("""{"/":{"bytes":"AQ==="}}""", "base64")]
    [InlineData("""{"/":{"bytes":"A=Q"}}""", "base64")]
    [InlineData("""{"a":{"/":{"\ud800":1}}}""", "no Unicode")]
    [InlineData("""{"\ud800":1}""", "no Unicode")]
    [InlineData("""{"/":"\ud800"}""", "no Unicode")]
    [InlineData("""{"/":{"bytes":"\udfff"}}""", "no Unicode")]
    [InlineData("""{"/":"bafy"}""", "no CID")]
    [InlineData("""{"/":"/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}""", "no CID")]
    [InlineData("""{"/":"ipfs:QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}""", "no CID")]
    [InlineData("""{"/":" QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}""", "no CID")]
    [InlineData("""{"/":"zQmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"}""", "not written as QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH")]
    [InlineData("""{"/":""}""", "no CID")]
    [InlineData("""{"/":"QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH","x":1}""", "more than a link")]
    [InlineData("""{"/":{"bytes":"AQID","x":1}}""", "more than bytes")]
    [InlineData("""{"/":{"bytes":"AQID"},"x":1}""", "more than bytes")]
    [InlineData("""{"/":{"bytes":"A-ID"}}""", "base64")]
    [InlineData("\"\\ud800\"", "no Unicode")]
    public void What_no_decoder_may_take_is_refused(string json, string why) =>
        Fails.With(DagErrorIds.InvalidDagJson, why, () => Read(json));

    [Theory]
    [InlineData("{} ", "whitespace (at byte 2)")]
    [InlineData("{\"a\": 1}", "whitespace (at byte 5)")]
    [InlineData("[1,\r\n\t2]", "whitespace (at byte 3)")]
    [InlineData("""{"b":1,"a":2}""", "out of order (at byte 7)")]
    [InlineData("""{"é":1,"z":2}""", "out of order")]
    [InlineData("""{"z":{"b":1,"a":2},"zz":1}""", "out of order")]
    [InlineData("""{"/":{"bytes":"AQ=="}}""", "padding")]
    [InlineData("""["\u0061"]""", "escape that is not needed (at byte 1)")]
    [InlineData("""{"\/":1}""", "escape that is not needed")]
    public void What_another_encoder_writes_otherwise_is_read_and_told(string json, string what)
    {
        byte[] block = Encoding.UTF8.GetBytes(json);
        Assert.Empty(Read(block));
        Assert.Contains(what, DagCanonical.FindDeviation(Cid.Compute(Multicodec.DagJson, block), block));
        Assert.Equal([Cid.Parse(V1)], Read($$"""[{{json}},{"/":"{{V1}}"}]"""));
    }

    [Theory]
    [InlineData("""["\"\\\n\r\t\b\f\u0000\u001f\u007f\u2028\u2029", "é", "/"]""")]
    [InlineData("""{"!":1,"/":1,"a":[true,null,-1.5e3],"é":{"/":{"bytes":"AQ"}}}""")]
    public void What_encoders_write_is_canonical(string json)
    {
        byte[] block = Encoding.UTF8.GetBytes(json.Replace(", ", ",", StringComparison.Ordinal));
        Assert.Null(DagCanonical.FindDeviation(Cid.Compute(Multicodec.DagJson, block), block));
    }

    [Fact]
    public void A_link_in_another_base_is_read_and_told()
    {
        byte[] block = Encoding.UTF8.GetBytes($$"""{"/":"{{Cid.Parse(V1).ToString(MultibaseEncoding.Base58Btc)}}"}""");
        Assert.Equal([Cid.Parse(V1)], Read(block));
        Assert.Contains($"not written as {V1}", DagCanonical.FindDeviation(Cid.Compute(Multicodec.DagJson, block), block));
    }

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
        byte[] block = Encoding.UTF8.GetBytes($$$"""{"a":[{"/":"{{{V1}}}"},{"/":{"bytes":"AQID"}},"\u00e4\n",{"/":{"\ud83d\ude00":1}}],"b":-1.5}""");
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
