using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Links;

public sealed class DagCborMapTests
{
    [Fact]
    public void Numbers_and_byte_strings_at_the_top_are_given_and_all_else_is_skipped()
    {
        // { "a": 500, "b": h'0102', "c": { "a": 7, "x": [1, "y", link] }, "d": -1, "e": "text", "f": null }
        DagCborMap map = DagCborMap.Read(Convert.FromHexString(
            "a6" + "6161" + "1901f4" + "6162" + "420102" + "6163" + "a2" + "6161" + "07" + "6178" + "83" + "01" + "6179" + "d82a4a0001550005" + "0001020304"
                + "6164" + "20" + "6165" + "6474657874" + "6166" + "f6"));
        Assert.Equal(500UL, map.Number("a"));
        Assert.Equal([1, 2], map.Bytes("b")!.Value.ToArray());
        Assert.All((string[])["b", "c", "d", "e", "f", "x"], key => Assert.Null(map.Number(key)));
        Assert.All((string[])["a", "c", "d", "e", "f", "x"], key => Assert.Null(map.Bytes(key)));
    }

    [Theory]
    [InlineData("", "InvalidDagCbor", "ends within")]
    [InlineData("80", "InvalidDagCbor", "no map")]
    [InlineData("f6", "InvalidDagCbor", "no map")]
    [InlineData("a000", "InvalidDagCbor", "1 bytes follow")]
    [InlineData("a1616142", "InvalidDagCbor", "ends within")]
    [InlineData("a2616101616102", "InvalidDagCbor", "repeated")]
    [InlineData("a10101", "InvalidDagCbor", "key of a map is no text")]
    [InlineData("bbffffffffffffffff", "InvalidDagCbor", "ends within")]
    public void What_is_no_such_map_is_refused(string hex, string id, string part) => Fails.With(id, part, () => DagCborMap.Read(Convert.FromHexString(hex)));

    [Fact]
    public void One_that_is_too_deep_is_refused()
    {
        byte[] deep = [0xa1, 0x61, 0x61, .. Enumerable.Repeat((byte)0x81, 5), 0x01];
        Assert.Equal("DagLimitExceeded", Assert.Throws<DagException>(() => DagCborMap.Read(deep, new DagLimits { MaxNesting = 3 })).ErrorId);
    }

    [Fact]
    public void It_is_written_in_the_one_form_of_the_codec()
    {
        byte[] written = new DagCborMap().Add("bb", 24).Add("b", new byte[] { 9 }).Add("aa", 70_000).Add("a", 23).Add("c", ulong.MaxValue).Write();
        Assert.Equal("a56161176162410961631bffffffffffffffff6261611a00011170626262" + "1818", Convert.ToHexStringLower(written));
    }

    [Fact]
    public void What_is_written_is_read_again() => Seeded.Run(50, random =>
    {
        Dictionary<string, ulong> numbers = [];
        Dictionary<string, byte[]> bytes = [];
        DagCborMap map = new();
        for (int i = random.Next(20); i > 0; i--)
        {
            string key = Encoding.Latin1.GetString([.. random.Bytes(random.Next(1, 30)).Select(b => (byte)('a' + (b % 26)))]);
            if (random.Next(2) == 0)
            {
                numbers[key] = (ulong)random.NextInt64() >> random.Next(64);
                bytes.Remove(key);
                map.Add(key, numbers[key]);
            }
            else
            {
                bytes[key] = random.Bytes(random.Next(1, 70_000));
                numbers.Remove(key);
                map.Add(key, bytes[key]);
            }
        }

        DagCborMap read = DagCborMap.Read(map.Write());
        Assert.All(numbers, entry => Assert.Equal(entry.Value, read.Number(entry.Key)));
        Assert.All(bytes, entry => Assert.Equal(entry.Value, read.Bytes(entry.Key)!.Value.ToArray()));
    });
}
