using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;

namespace Bitswap.Dag.Tests.UnixFs;

public sealed class UnixFsDataTests
{
    [Fact]
    public void The_empty_file_has_the_cid_that_others_give_it()
    {
        var node = new DagPbNode([], new UnixFsData { Type = UnixFsType.File, FileSize = 0 }.Encode());
        Assert.Equal("0a0408021800", Convert.ToHexStringLower(node.ToByteArray()));
        Assert.Equal("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", Cid.CreateV0(Multihash.Compute(0x12, node.ToByteArray())).ToString());
    }

    [Fact]
    public void The_empty_directory_has_the_cid_that_others_give_it()
    {
        var node = new DagPbNode([], new UnixFsData { Type = UnixFsType.Directory }.Encode());
        Assert.Equal("0a020801", Convert.ToHexStringLower(node.ToByteArray()));
        Assert.Equal("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn", Cid.CreateV0(Multihash.Compute(0x12, node.ToByteArray())).ToString());
        Assert.Equal("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354", Cid.Compute(0x70, node.ToByteArray()).ToString());
    }

    [Fact]
    public void A_shard_is_written_with_its_hash_and_fanout()
    {
        var entry = new UnixFsData { Type = UnixFsType.HamtShard, Data = new byte[] { 0x80 }, HashType = 0x22, Fanout = 256 };
        Assert.Equal("0805" + "120180" + "2822" + "308002", Convert.ToHexStringLower(entry.Encode()));
    }

    [Fact]
    public void Every_field_comes_back_as_it_was_written()
    {
        var entry = new UnixFsData
        {
            Type = UnixFsType.File,
            Data = new byte[] { 1, 2, 3 },
            FileSize = 300,
            BlockSizes = [100, 0, 200],
            HashType = 0x22,
            Fanout = 256,
            Mode = 0x1ED,
            Mtime = new UnixFsTime(-1, 999_999_999),
        };
        byte[] bytes = entry.Encode();
        Assert.Equal(
            "0802" + "1203010203" + "18ac02" + "2064" + "2000" + "20c801" + "2822" + "308002" + "38ed03" + "4210" + "08ffffffffffffffffff01" + "15ffc99a3b",
            Convert.ToHexStringLower(bytes));
        UnixFsData read = UnixFsData.Decode(bytes);
        Assert.Equal(entry.Type, read.Type);
        Assert.Equal(entry.Data.ToArray(), read.Data.ToArray());
        Assert.Equal(entry.FileSize, read.FileSize);
        Assert.Equal(entry.BlockSizes, read.BlockSizes);
        Assert.Equal(entry.HashType, read.HashType);
        Assert.Equal(entry.Fanout, read.Fanout);
        Assert.Equal(entry.Mode, read.Mode);
        Assert.Equal(entry.Mtime, read.Mtime);
        Assert.Equal(bytes, read.Encode());
    }

    [Fact]
    public void Empty_data_is_not_absent_data()
    {
        Assert.Equal("0802", Convert.ToHexStringLower(new UnixFsData { Type = UnixFsType.File }.Encode()));
        Assert.Equal("08021200", Convert.ToHexStringLower(new UnixFsData { Type = UnixFsType.File, HasData = true }.Encode()));
        Assert.True(UnixFsData.Decode(Convert.FromHexString("08021200")).HasData);
        Assert.False(UnixFsData.Decode(Convert.FromHexString("0802")).HasData);
    }

    [Fact]
    public void Packed_block_sizes_and_unknown_fields_are_read()
    {
        UnixFsData read = UnixFsData.Decode(Convert.FromHexString("0802" + "220364c801" + "4a0101" + "5001"));
        Assert.Equal([100UL, 200UL], read.BlockSizes);
    }

    [Theory]
    [InlineData("", "does not say what it is")]
    [InlineData("1800", "does not say what it is")]
    [InlineData("0806", "no type 6")]
    [InlineData("08", "ends within")]
    [InlineData("0802" + "12", "ends within")]
    [InlineData("0802" + "1203" + "0102", "ends within")]
    [InlineData("0802" + "1003", "wire type 0")]
    [InlineData("0802" + "388080808010", "32 bits")]
    [InlineData("0802" + "4200", "no seconds")]
    [InlineData("0802" + "4207" + "0801" + "1500ca9a3b", "1000000000 nanoseconds")]
    [InlineData("0802" + "18ffffffffffffffffff02", "64 bits")]
    [InlineData("0802" + "00", "field number 0")]
    [InlineData("0802" + "4b4c", "wire type 3")]
    public void What_is_malformed_is_refused(string hex, string why) =>
        Fails.With(DagErrorIds.InvalidUnixFs, why, () => UnixFsData.Decode(Convert.FromHexString(hex)));

    [Fact]
    public void A_destination_that_is_short_by_one_is_refused()
    {
        var entry = new UnixFsData { Type = UnixFsType.File, FileSize = 1 };
        Assert.Throws<ArgumentException>(() => entry.Encode(new byte[entry.EncodedLength - 1]));
    }
}
