using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.DagPb;

public sealed class DagPbNodeTests
{
    // A CID of version 1, raw, identity: 01 55 00 05 00 01 02 03 04.
    private const string Hash = "0a09" + "01550005" + "0001020304";
    private static readonly Cid _cid = Cid.FromBytes(Convert.FromHexString("0155000500" + "01020304"));

    [Theory]
    [MemberData(nameof(DagPbExamples.All), MemberType = typeof(DagPbExamples))]
    public void Every_published_block_decodes_and_encodes_to_the_same_bytes(string block, string cid)
    {
        byte[] encoded = DagPbNode.Decode(Convert.FromHexString(block)).ToByteArray();
        Assert.Equal(block, Convert.ToHexStringLower(encoded));
        Assert.Equal(cid, Cid.Compute(Multicodec.DagPb, encoded).ToString());
    }

    [Fact]
    public void A_link_is_written_with_its_name_also_when_that_is_empty()
    {
        var node = new DagPbNode([new DagPbLink(_cid, "", 300)], new byte[] { 8, 1 });
        Assert.Equal("1210" + Hash + "1200" + "18ac02" + "0a020801", Convert.ToHexStringLower(node.ToByteArray()));
        Assert.Equal(node.ToByteArray().Length, node.EncodedLength);
    }

    [Fact]
    public void Links_are_written_in_the_order_of_their_names_bytes_and_equal_names_in_theirs()
    {
        // U+FFFD is ef bf bd and U+1F600 f0 9f 98 80, while UTF-16 has it the other way round.
        string[] names = ["\U0001F600", "b", "\uFFFD", "a", "ab", "b", "", "\U00010000x"];
        var node = new DagPbNode([.. names.Select((name, i) => new DagPbLink(_cid, name, (ulong)i))], null);
        DagPbNode read = DagPbNode.Decode(node.ToByteArray());
        Assert.Equal(["", "a", "ab", "b", "b", "\uFFFD", "\U00010000x", "\U0001F600"], read.Links.Select(link => link.Name));
        Assert.Equal([6UL, 3, 4, 1, 5, 2, 7, 0], read.Links.Select(link => link.Tsize));
        Assert.False(read.HasData);
    }

    [Fact]
    public void What_was_absent_stays_absent()
    {
        byte[] block = Convert.FromHexString("120b" + Hash + "120d" + Hash + "1200" + "120d" + Hash + "1800");
        DagPbNode node = DagPbNode.Decode(block);
        Assert.Equal([(false, false), (true, false), (false, true)], node.Links.Select(link => (link.HasName, link.HasTsize)));
        Assert.Equal(block, node.ToByteArray());
        Assert.False(node.HasData);
        Assert.True(DagPbNode.Decode(new byte[] { 0x0a, 0 }).HasData);
    }

    [Fact]
    public void Data_before_links_and_unordered_links_are_read_and_written_in_canonical_order()
    {
        byte[] block = Convert.FromHexString("0a0107" + "120e" + Hash + "120162" + "120e" + Hash + "120161");
        DagPbNode node = DagPbNode.Decode(block);
        Assert.Equal(["b", "a"], node.Links.Select(link => link.Name));
        Assert.Equal("120e" + Hash + "120161" + "120e" + Hash + "120162" + "0a0107", Convert.ToHexStringLower(node.ToByteArray()));
    }

    [Theory]
    [InlineData("0a0107" + "0a0107", "data twice")]
    [InlineData("120b" + Hash + "0a0107" + "120b" + Hash, "both sides")]
    [InlineData("0801", "wire type 0")]
    [InlineData("0d00000000", "wire type 5")]
    [InlineData("1001", "wire type 0")]
    [InlineData("1a0107", "field 3")]
    [InlineData("000107", "field number 0")]
    [InlineData("1200", "no hash")]
    [InlineData("1202" + "1200", "no hash")]
    [InlineData("120d" + "1200" + Hash, "1 comes after 2")]
    [InlineData("120f" + Hash + "1800" + "1200", "2 comes after 3")]
    [InlineData("1216" + Hash + Hash, "1 comes after 1")]
    [InlineData("120d" + Hash + "2200", "field 4")]
    [InlineData("120d" + Hash + "1000", "wire type 0")]
    [InlineData("120d" + Hash + "1a00", "wire type 2")]
    [InlineData("1202" + "0a00", "no CID")]
    [InlineData("120a" + "0a08" + "01550005" + "00010203", "no CID")]
    [InlineData("120c" + "0a0a" + "01550005" + "000102030405", "no CID")]
    [InlineData("120e" + Hash + "1201ff", "not in UTF-8")]
    [InlineData("120e" + Hash + "188000", "shortest form")]
    [InlineData("0a8100" + "07", "shortest form")]
    [InlineData("120b" + Hash + "0a", "ends within")]
    [InlineData("0affffffffffffffffff01", "ends within")]
    [InlineData("0affffffffffffffffff02", "64 bits")]
    public void A_form_that_the_specification_does_not_allow_is_refused(string hex, string why) =>
        Fails.With(DagErrorIds.InvalidDagPb, why, () => DagPbNode.Decode(Convert.FromHexString(hex)));

    [Fact]
    public void A_node_short_by_one_or_with_a_byte_more_is_refused()
    {
        byte[] block = new DagPbNode([new DagPbLink(_cid, "name", 7)], new byte[] { 1, 2 }).ToByteArray();
        int[] whole = [0, block.Length - 4, block.Length];
        for (int length = 0; length <= block.Length; length++)
        {
            Exception? error = Record.Exception(() => DagPbNode.Decode(block.AsMemory(0, length)));
            Assert.Equal(!whole.Contains(length), error is DagException { ErrorId: DagErrorIds.InvalidDagPb });
        }

        Fails.With(DagErrorIds.InvalidDagPb, "data twice", () => DagPbNode.Decode((byte[])[.. block, 0x0a]));
    }

    [Fact]
    public void A_name_that_is_no_text_is_refused()
    {
        var node = new DagPbNode([new DagPbLink(_cid, "\uD800", 0)], null);
        Fails.With(DagErrorIds.InvalidDagPb, "surrogate", () => node.ToByteArray());
    }

    [Fact]
    public void A_destination_that_is_short_by_one_is_refused()
    {
        var node = new DagPbNode([], new byte[] { 1 });
        Assert.Throws<ArgumentException>(() => node.Encode(new byte[node.EncodedLength - 1]));
        Assert.Equal(node.EncodedLength, node.Encode(new byte[node.EncodedLength + 1]));
    }

    [Fact]
    public void A_published_block_that_is_damaged_is_read_or_refused_and_nothing_else()
    {
        byte[][] blocks = [.. DagPbExamples.Blocks.Where(block => block.Length > 0)];
        Seeded.Run(2000, random =>
        {
            byte[] block = (byte[])blocks[random.Next(blocks.Length)].Clone();
            block[random.Next(block.Length)] = (byte)random.Next(256);
            try
            {
                DagPbNode node = DagPbNode.Decode(block);
                Assert.Equal(node.Links.Order(DagPbNameOrder.Instance), DagPbNode.Decode(node.ToByteArray()).Links);
            }
            catch (DagException error)
            {
                Assert.Equal(DagErrorIds.InvalidDagPb, error.ErrorId);
            }
        });
    }
}
