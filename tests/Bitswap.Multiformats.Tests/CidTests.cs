using System.Text;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Multiformats.Tests;

public sealed class CidTests
{
    private const string V0 = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn";
    private const string V1 = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354";
    private const string Raw = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

    [Fact]
    public void The_example_of_the_cid_specification_comes_apart()
    {
        Cid cid = Cid.Parse("zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA");

        Assert.Equal((1, Multicodec.Raw, "raw"), (cid.Version, cid.Codec, cid.CodecName));
        Assert.Equal("12206e6ff7950a36187a801613426e858dce686cd7d7e3c0fc42ee0330072d245c95", cid.Hash.ToString());
        Assert.Equal("zb2rhe5P4gXftAwvA4eXQ5HJwsER2owDyS9sKaQRRVQPn93bA", cid.ToString(MultibaseEncoding.Base58Btc));
        Assert.Equal("01551220", Convert.ToHexStringLower(cid.Bytes[..4]));
        Assert.Equal(36, cid.ByteLength);
    }

    [Theory]
    [MemberData(nameof(DagPbExamples.All), MemberType = typeof(DagPbExamples))]
    public void The_published_blocks_have_their_cids(string block, string text)
    {
        Cid cid = Cid.Parse(text);

        Assert.True(cid.Hash.Matches(Convert.FromHexString(block)));
        Assert.Equal(cid, Cid.Compute(Multicodec.DagPb, Convert.FromHexString(block)));
    }

    [Fact]
    public void Versions_convert_both_ways_where_they_can()
    {
        Cid v0 = Cid.Parse(V0);
        Cid v1 = v0.ToV1();

        Assert.Equal((0, Multicodec.DagPb, 34), (v0.Version, v0.Codec, v0.ByteLength));
        Assert.Equal(V1, v1.ToString());
        Assert.Equal(V0, v1.ToV0().ToString());
        Assert.Equal(v0, v1.ToV0());
        Assert.Equal(v0, Cid.CreateV0(v1.Hash));
        Assert.Equal(v0, Cid.FromBytes(v1.ToV0().Bytes));
        Assert.NotEqual(v0, v1);
        Assert.Equal(v0.Hash, v1.Hash);
        Assert.Same(v0, v0.ToV0());
        Assert.Same(v1, v1.ToV1());
        Fails.With("InvalidCid", "the codec is raw", () => Cid.Parse(Raw).ToV0());
        Fails.With("InvalidCid", "whole sha2-256", () => Cid.Compute(Multicodec.DagPb, [], MultihashCode.Sha512).ToV0());
        Fails.With("InvalidCid", "whole sha2-256", () => Cid.CreateV0(Multihash.Compute(MultihashCode.Sha256, [], 20)));
        Fails.With("InvalidCid", "whole sha2-256", () => Cid.CreateV0(default));
        Fails.With("InvalidCid", "there is no hash", () => Cid.CreateV1(Multicodec.Raw, default));
    }

    [Fact]
    public void The_empty_raw_block_has_the_cid_that_the_network_knows() =>
        Assert.Equal(Raw, Cid.Compute(Multicodec.Raw, []).ToString());

    [Theory]
    [InlineData(V0)]
    [InlineData(V1)]
    [InlineData("B" + "AFYBEICZSSCDSBS7FFQZ55ASQDF3SMV6KLCW3GOFSZVWLYARCI47BGF354")]
    public void Paths_and_uris_are_read(string text)
    {
        Cid cid = Cid.Parse(text);

        string[] forms =
        [
            $"/ipfs/{text}", $"/ipfs/{text}/", $"ipfs://{text}", $"IPFS://{text}", $"ipfs://{text}/", $"ipfs:{text}", $" {text}\n", $"\t/ipfs/{text}/\r\n",
            $"[a link](ipfs://{text})", $"![a [picture]](https://host.example/ipfs/{text} \"its title\")", $"[](<ipfs://{text}>)", $"https://host.example/ipfs/{text}", $"http://127.0.0.1:8080/ipfs/{text}/?format=raw#top", $"HTTPS://{text}.ipfs.host.example", $"https://{text}.ipfs.host.example:443/?a=b",
        ];
        foreach (string form in forms)
        {
            Assert.Equal(cid, Cid.Parse(form));
            Assert.True(Cid.TryParse(form, out Cid? again));
            Assert.Equal(cid, again);
        }
    }

    [Theory]
    [InlineData("/ipns/" + V1)]
    [InlineData("ipns://" + V1 + "/a?b")]
    [InlineData("IPNS:docs.example")]
    [InlineData(" https://host.example/ipns/docs.example/a\n")]
    [InlineData("https://docs-example.ipns.host.example")]
    public void An_ipns_name_is_told_apart(string text)
    {
        Fails.With("UnsupportedName", "is an IPNS name", () => Cid.Parse(text));
        Assert.False(Cid.TryParse(text, out _));
    }

    [Fact]
    public void Version_1_reads_back_in_every_base()
    {
        Cid cid = Cid.Parse(V1);
        foreach (MultibaseEncoding encoding in Enum.GetValues<MultibaseEncoding>())
        {
            Assert.Equal(cid, Cid.Parse(cid.ToString(encoding)));
        }
    }

    [Fact]
    public void Version_0_has_base58btc_alone()
    {
        Cid cid = Cid.Parse(V0);

        Assert.Equal(V0, cid.ToString(MultibaseEncoding.Base58Btc));
        Fails.With("InvalidCid", "not in base32", () => cid.ToString(MultibaseEncoding.Base32));
    }

    [Theory]
    [InlineData("", "the text is empty")]
    [InlineData("/ipfs/", "the text is empty")]
    [InlineData("ipfs://", "the text is empty")]
    [InlineData("b", "the text is too short")]
    [InlineData("hello", "character 'l' at position 2 is not one of base32z")]
    [InlineData("!hello", "'!' is no known multibase prefix")]
    [InlineData(" ", "the text is empty")]
    [InlineData(" " + V1 + " x", "character U+0020 at position 60 is not one of base32")]
    [InlineData("https://host.example/" + V1, "the address names no CID")]
    [InlineData("https://host.example/ipfs/" + V1 + "/a", "a path follows the CID at position 85")]
    [InlineData("https://" + V1 + ".ipfs.host.example/a", "a path follows the CID at position 85")]
    [InlineData("https://host.example/ipfs/", "the text is empty")]
    [InlineData("ipfs:", "the text is empty")]
    [InlineData("/ipfs/" + V1 + "/readme.md", "a path follows the CID at position 65")]
    [InlineData("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N0", "character '0' at position 45 is not one of base58btc")]
    [InlineData("/ipfs/QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N0", "character '0' at position 51 is not one of base58btc")]
    [InlineData("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3N", "version 0 (Qm...) has 46 characters, and this has 45")]
    [InlineData("z" + V0, "version 0 is written without a multibase prefix")]
    [InlineData("f1220", "version 0 is written without a multibase prefix")]
    [InlineData("f00701220", "there is no version 0")]
    [InlineData("f02551220", "there is no version 2")]
    [InlineData("f01", "its codec, the varint at byte 1, is cut short")]
    [InlineData("f8100551220", "its version, the varint at byte 0, is not in its shortest form")]
    [InlineData("f01d500", "its codec, the varint at byte 1, is not in its shortest form")]
    [InlineData("f0155", "in the multihash from byte 2, its hash function code, the varint at byte 0, is cut short")]
    [InlineData("f01551203aabb", "in the multihash from byte 2, its digest has 3 bytes, of which 2 are there")]
    [InlineData("f01551202aabbcc", "1 bytes follow it")]
    public void Malformed_text_is_refused_with_its_cause(string text, string cause)
    {
        Assert.False(Cid.TryParse(text, out Cid? cid));
        Assert.Null(cid);
        Fails.With("InvalidCid", cause, () => Cid.Parse(text));
    }

    [Fact]
    public void Null_is_refused_as_an_argument_and_not_as_a_format()
    {
        Assert.Throws<ArgumentNullException>(() => Cid.Parse(null!));
        Assert.False(Cid.TryParse(null, out _));
    }

    [Fact]
    public void A_foreign_text_is_cut_and_made_printable_in_the_message()
    {
        MultiformatException error = Assert.Throws<MultiformatException>(() => Cid.Parse("z\u001b[31m\u202E" + new string('x', 5000)));

        Assert.DoesNotContain('\u001b', error.Message);
        Assert.DoesNotContain('\u202E', error.Message);
        Assert.InRange(error.Message.Length, 50, 250);
    }

    [Fact]
    public void A_text_of_quadratic_cost_is_refused_by_its_length() =>
        Fails.With("InvalidCid", "characters are too many for base58btc", () => Cid.Parse("z" + new string('2', 1_000_000)));

    [Theory]
    [InlineData("12", "cut short")]
    [InlineData("1220aa", "version 0 has 34 bytes, of which 3 are there")]
    [InlineData("1214aa", "there is no version 18")]
    [InlineData("", "its version, the varint at byte 0, is cut short")]
    public void Malformed_bytes_are_refused_with_their_cause(string hex, string cause)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.False(Cid.TryRead(bytes, out Cid? cid, out int consumed));
        Assert.Null(cid);
        Assert.Equal(0, consumed);
        Fails.With("InvalidCid", cause, () => Cid.FromBytes(bytes));
        Fails.With("InvalidCid", cause, () => Cid.Read(bytes, out _));
    }

    [Theory]
    [InlineData(V0)]
    [InlineData(Raw)]
    public void Bytes_read_whole_short_by_one_and_with_bytes_behind(string text)
    {
        Cid cid = Cid.Parse(text);
        byte[] bytes = cid.ToByteArray();

        Assert.Equal(cid, Cid.FromBytes(bytes));
        Assert.Equal(cid, Cid.Read([.. bytes, 1, 2, 3], out int consumed));
        Assert.Equal(bytes.Length, consumed);
        Fails.With("InvalidCid", "3 bytes follow it", () => Cid.FromBytes([.. bytes, 1, 2, 3]));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(Cid.TryRead(bytes.AsSpan(0, length), out _, out _));
        }
    }

    [Fact]
    public void Random_cids_read_back_in_every_form() => Seeded.Run(2_000, random =>
    {
        Multihash hash = Multihash.FromDigest((ulong)random.NextInt64(1L << random.Next(1, 40)), random.Bytes(random.Next(100)));
        Cid cid = random.Next(4) == 0
            ? Cid.CreateV0(Multihash.FromDigest(MultihashCode.Sha256, random.Bytes(32)))
            : Cid.CreateV1((ulong)random.NextInt64(1L << random.Next(1, 62)), hash);

        Assert.Equal(cid, Cid.FromBytes(cid.Bytes));
        Assert.Equal(cid, Cid.Parse(cid.ToString()));
        Assert.Equal(cid, Cid.Parse(cid.ToV1().ToString((MultibaseEncoding)random.Next(24))) is var v1 && cid.Version == 0 ? v1.ToV0() : v1);
        Assert.Equal(cid.ToString(), Cid.FromBytes(cid.ToByteArray()).ToString());
        Assert.Equal(cid.GetHashCode(), Cid.FromBytes(cid.Bytes).GetHashCode());
    });

    [Fact]
    public void Random_text_and_bytes_never_throw_from_the_try_methods() => Seeded.Run(20_000, random =>
    {
        char[] text = Cid.Parse(V1).ToString((MultibaseEncoding)random.Next(24)).ToCharArray();
        for (int i = random.Next(4); i >= 0; i--)
        {
            text[random.Next(text.Length)] = (char)random.Next(0x250);
        }

        if (Cid.TryParse(text.AsSpan(0, random.Next(text.Length + 1)), out Cid? cid))
        {
            Assert.Equal(cid, Cid.Parse(cid.ToString()));
        }

        byte[] bytes = Cid.Parse(Raw).ToByteArray();
        bytes[random.Next(4)] = (byte)random.Next(256);
        if (Cid.TryRead(bytes, out cid, out int consumed))
        {
            Assert.True(cid.Bytes.SequenceEqual(bytes.AsSpan(0, consumed)));
        }
    });

    [Fact]
    public void Order_is_bytewise_and_null_comes_first()
    {
        Cid[] cids = [.. Enumerable.Range(0, 40).Select(i => Cid.Compute(i % 2 == 0 ? Multicodec.Raw : Multicodec.DagPb, [(byte)i])), Cid.Parse(V0)];
        Array.Sort(cids);

        for (int i = 1; i < cids.Length; i++)
        {
            Assert.True(cids[i - 1].Bytes.SequenceCompareTo(cids[i].Bytes) < 0);
        }

        Assert.Equal(V0, cids[^1].ToString());
        Assert.True(cids[0].CompareTo(null) > 0);
        Assert.True(((IComparable)cids[0]).CompareTo(cids[1]) < 0);
        Assert.Throws<ArgumentException>(() => ((IComparable)cids[0]).CompareTo("text"));
    }

    [Fact]
    public void Equality_covers_operators_objects_and_null()
    {
        Cid a = Cid.Parse(V1);
        Cid b = Cid.Parse(V0).ToV1();
        Cid? none = null;

        Assert.True(a == b && a.Equals((object)b) && !(a != b) && none == null && a != none && none != a);
        Assert.False(a.Equals(none) || a.Equals("text"));
        Assert.NotEqual(a, Cid.CreateV1(Multicodec.Raw, a.Hash));
    }

    [Fact]
    public void Generic_parsing_works()
    {
        Assert.Equal(Cid.Parse(V1), Read<Cid>(V1));
        Assert.Equal(V1, Read<Cid>(V1).ToString());
        Assert.False(TryRead<Cid>("nonsense"));
    }

    [Fact]
    public void Parsing_allocates_the_cid_and_its_bytes_alone()
    {
        Cid.Parse(V1);
        Cid.Parse(V0);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Cid.Parse(V1);
        long v1 = GC.GetAllocatedBytesForCurrentThread() - before;
        Cid.Parse(V0);
        long v0 = GC.GetAllocatedBytesForCurrentThread() - before - v1;

        Assert.Equal((120, 120), (v1, v0));
    }

    [Fact]
    public void A_cid_and_its_multihash_do_not_change_with_the_callers_array()
    {
        byte[] bytes = Cid.Parse(V1).ToByteArray();
        Cid cid = Cid.FromBytes(bytes);
        bytes.AsSpan().Clear();
        cid.ToByteArray().AsSpan().Clear();

        Assert.Equal(V1, cid.ToString());
        Assert.Equal(Cid.Parse(V0).Hash, cid.Hash);
    }

    [Fact]
    public void Codecs_have_names_and_names_have_codes()
    {
        foreach (string name in Multicodec.CodecNames)
        {
            Assert.True(Multicodec.TryGetCode(name, out ulong code));
            Assert.Equal(name, Multicodec.Name(code));
            Assert.Equal(name, Cid.Compute(code, Encoding.ASCII.GetBytes(name)).CodecName);
        }

        Assert.Equal("0x300000", Multicodec.Name(0x300000));
        Assert.True(Multicodec.TryGetCode("0x300000", out ulong unknown));
        Assert.Equal(0x300000UL, unknown);
        Assert.True(Multicodec.TryGetCode("DAG-CBOR", out ulong cbor));
        Assert.Equal(Multicodec.DagCbor, cbor);
        Assert.False(Multicodec.TryGetCode("0x8000000000000000", out _));
        Assert.False(Multicodec.TryGetCode("0x", out _));
        Assert.False(Multicodec.TryGetCode("nonsense", out _));
        Assert.False(Multicodec.TryGetCode(null, out _));
    }

    private static T Read<T>(string text)
        where T : ISpanParsable<T> => T.TryParse(text.AsSpan(), null, out T? value) ? T.Parse(text, null) : throw new FormatException();

    private static bool TryRead<T>(string text)
        where T : IParsable<T> => T.TryParse(text, null, out _);
}
