using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Links;

public sealed class DagCborLinksTests
{
    // Tag 42, a byte string of 10: the multibase prefix 00 and a CID of version 1, raw, identity, 5 bytes.
    private const string Link = "d82a" + "4a00" + "01550005" + "0001020304";
    private static readonly Cid _target = Cid.FromBytes(Convert.FromHexString("01550005" + "0001020304"));

    [Theory]
    [InlineData("f6", 0)]
    [InlineData("a0", 0)]
    [InlineData("1bffffffffffffffff", 0)]
    [InlineData("3bffffffffffffffff", 0)]
    [InlineData("fb3ff8000000000000", 0)]
    [InlineData("83f4f5f6", 0)]
    [InlineData("61ff", 0)]
    [InlineData(Link, 1)]
    [InlineData("82" + Link + Link, 2)]
    [InlineData("a2" + "6161" + Link + "626162" + "81" + Link, 2)]
    [InlineData("a2" + "617a" + "01" + "626161" + Link, 1)]
    public void Links_are_found_wherever_they_stand(string hex, int count) =>
        Assert.Equal(Enumerable.Repeat(_target, count), Read(hex));

    [Theory]
    [InlineData("", "ends within")]
    [InlineData("82" + Link, "ends within")]
    [InlineData("9bffffffffffffffff", "ends within")]
    [InlineData("bbffffffffffffffff", "ends within")]
    [InlineData("5bffffffffffffffff", "ends within")]
    [InlineData("0000", "1 bytes follow")]
    [InlineData("9fff", "no definite length")]
    [InlineData("bfff", "no definite length")]
    [InlineData("5f4100ff", "no definite length")]
    [InlineData("7f6161ff", "no definite length")]
    [InlineData("ff", "simple value 31")]
    [InlineData("1c", "reserved")]
    [InlineData("f0", "simple value 16")]
    [InlineData("f820", "simple value 24")]
    [InlineData("f97c00", "no number")]
    [InlineData("f97e00", "no number")]
    [InlineData("fa7f800000", "no number")]
    [InlineData("fb7ff0000000000000", "no number")]
    [InlineData("fbfff0000000000000", "no number")]
    [InlineData("fb7ff8000000000000", "no number")]
    [InlineData("c001", "tag 0")]
    [InlineData("d82b4100", "tag 43")]
    [InlineData("d82a6100", "no byte string")]
    [InlineData("d82a40", "multibase prefix")]
    [InlineData("d82a49" + "01550005" + "0001020304", "multibase prefix")]
    [InlineData("d82a4900" + "01550005" + "00010203", "no CID")]
    [InlineData("d82a4b00" + "01550005" + "000102030405", "no CID")]
    [InlineData("a10100", "no text")]
    [InlineData("a2616101616102", "repeated")]
    [InlineData("a3616201616101616202", "repeated")]
    [InlineData("a2" + "617a" + "a2616201616101" + "617a" + "01", "repeated")]
    [InlineData("a27801610161610" + "2", "repeated")]
    public void What_no_decoder_may_take_is_refused(string hex, string why) =>
        Fails.With(DagErrorIds.InvalidDagCbor, why, () => Read(hex));

    // as the data model has it, and as Go and JavaScript read them: see IpldCodecTests
    [Theory]
    [InlineData("82" + "61ff" + Link)]
    [InlineData("a1" + "61ff" + Link)]
    [InlineData("a2" + "6161" + "62c328" + "61ff" + Link)]
    [InlineData("a1" + "63eda080" + Link)]
    public void Texts_and_keys_that_are_no_UTF8_are_read(string hex) => Assert.Equal([_target], Read(hex));

    // "Decode strictness" of the specification, and undefined, which go-ipld-prime and @ipld/dag-cbor take
    [Theory]
    [InlineData("1801", "shortest form (at byte 2)")]
    [InlineData("1900ff", "shortest form (at byte 3)")]
    [InlineData("1a0000ffff", "shortest form (at byte 5)")]
    [InlineData("1b00000000ffffffff", "shortest form (at byte 9)")]
    [InlineData("3817", "shortest form")]
    [InlineData("580101", "shortest form (at byte 2)")]
    [InlineData("78016a", "shortest form")]
    [InlineData("980100", "shortest form")]
    [InlineData("b801616100", "shortest form")]
    [InlineData("d9002a" + "4a0001550005" + "0001020304", "shortest form (at byte 3)")]
    [InlineData("f7", "undefined, which is read as null (at byte 1)")]
    [InlineData("82f7" + "f7", "undefined, which is read as null (at byte 2)")]
    [InlineData("f93c00", "shorter than 64 bits")]
    [InlineData("fa3fc00000", "shorter than 64 bits")]
    [InlineData("a2616202616101", "out of order (at byte 6)")]
    [InlineData("a262616101617a02", "out of order")]
    [InlineData("a2" + "61ff01" + "61fe01", "out of order")]
    [InlineData("a2" + "617a" + "a2616201616101" + "617b" + "01", "out of order")]
    public void What_another_encoder_writes_otherwise_is_read_and_told(string hex, string what)
    {
        byte[] block = Convert.FromHexString(hex);
        Cid cid = Cid.Compute(Multicodec.DagCbor, block);
        Read(block);
        Assert.Contains(what, DagCanonical.FindDeviation(cid, block));

        byte[] linked = [0x82, .. block, .. Convert.FromHexString(Link)];
        Assert.Equal(_target, Read(linked)[^1]);
    }

    [Fact]
    public void Many_keys_out_of_order_are_read()
    {
        byte[] Map(int count) => [0xb9, .. BitConverter.GetBytes((ushort)count).Reverse(), .. Enumerable.Range(0, count).Reverse().SelectMany(i => (byte[])[0x62, (byte)(i >> 8), (byte)i, 0x01])];
        Assert.Empty(Read(Map(20_000)));
        Fails.With(DagErrorIds.InvalidDagCbor, "repeated", () => Read("a3" + "62000101" + "62000001" + "62000101"));
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] block = Convert.FromHexString("a2" + "6161" + Link + "626162" + "82" + Link + "fb3ff8000000000000");
        for (int length = 0; length < block.Length; length++)
        {
            Fails.With(DagErrorIds.InvalidDagCbor, "", () => Read(block[..length]));
        }

        Assert.Equal(2, Read(block).Count);
        Fails.With(DagErrorIds.InvalidDagCbor, "1 bytes follow", () => Read([.. block, 0]));
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        var limits = new DagLimits { MaxNesting = 3 };
        Assert.Empty(Read(Convert.FromHexString("81818100"), limits));
        Fails.With(DagErrorIds.DagLimitExceeded, "deeper", () => Read(Convert.FromHexString("8181818100"), limits));
        byte[] deep = [.. Enumerable.Repeat((byte)0x81, 1_000_000), 0];
        Fails.With(DagErrorIds.DagLimitExceeded, "deeper", () => Read(deep));
    }

    [Fact]
    public void The_deepest_nesting_that_may_be_set_can_be_read()
    {
        byte[] deep = [.. Enumerable.Repeat((byte)0x81, DagLimits.NestingCeiling), 0];
        Assert.Empty(Read(deep, new DagLimits { MaxNesting = DagLimits.NestingCeiling }));
    }

    [Fact]
    public void The_number_of_links_and_the_size_are_bounded()
    {
        byte[] two = Convert.FromHexString("82" + Link + Link);
        Assert.Equal(2, Read(two, new DagLimits { MaxLinks = 2, MaxBlockSize = two.Length }).Count);
        Fails.With(DagErrorIds.DagLimitExceeded, "more than 1 links", () => Read(two, new DagLimits { MaxLinks = 1 }));
        Fails.With(DagErrorIds.DagLimitExceeded, "over the limit", () => Read(two, new DagLimits { MaxBlockSize = two.Length - 1 }));
    }

    [Fact]
    public void Random_bytes_are_read_or_refused_and_nothing_else() => Seeded.Run(5000, random =>
    {
        byte[] block = random.Bytes(random.Next(1, 60));
        try
        {
            Read(block);
        }
        catch (DagException error)
        {
            Assert.Equal(DagErrorIds.InvalidDagCbor, error.ErrorId);
        }
    });

    private static IReadOnlyList<Cid> Read(string hex) => Read(Convert.FromHexString(hex));

    private static IReadOnlyList<Cid> Read(byte[] block, DagLimits? limits = null) =>
        DagLinks.Read(Cid.Compute(Multicodec.DagCbor, block), block, limits);
}
