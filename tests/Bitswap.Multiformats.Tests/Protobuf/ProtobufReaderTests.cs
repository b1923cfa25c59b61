using Bitswap.Multiformats.Protobuf;
using Google.Protobuf;

namespace Bitswap.Multiformats.Tests.Protobuf;

/// <summary>One reader, as strict as the format that it reads.</summary>
public sealed class ProtobufReaderTests
{
    private static readonly ProtobufDialect _canonical = new(true, (why, position) => new FormatException($"{why} ({position})"));
    private static readonly ProtobufDialect _open = _canonical with { IsCanonical = false };

    [Theory]
    [InlineData("088000", "a varint is not in its shortest form (1)")]
    [InlineData("0b0c", "field 1 has wire type 3 (1)")]
    public void A_second_form_of_a_value_is_refused_where_a_block_is_read(string hex, string error)
    {
        Assert.Equal(error, Error(hex, _canonical));
        Assert.Null(Error(hex, _open));
    }

    [Theory]
    [InlineData("08", "it ends within a field (1)")]
    [InlineData("0a0201", "it ends within a field (2)")]
    [InlineData("0d010203", "it ends within a field (1)")]
    [InlineData("09ffffff", "it ends within a field (1)")]
    [InlineData("00", "field number 0 does not exist (1)")]
    [InlineData("8080808010", "field number 536870912 does not exist (5)")]
    [InlineData("0880808080808080808002", "a varint is longer than 64 bits (1)")]
    [InlineData("0c", "field 1 has wire type 4 (1)")]
    [InlineData("0e", "field 1 has wire type 6 (1)")]
    public void What_is_no_protobuf_is_refused_everywhere(string hex, string error)
    {
        Assert.Equal(error, Error(hex, _canonical));
        Assert.Equal(error, Error(hex, _open));
    }

    [Fact]
    public void Groups_are_skipped_to_a_depth_of_100()
    {
        Assert.Null(Error(string.Concat(Enumerable.Repeat("0b", 100)) + string.Concat(Enumerable.Repeat("0c", 100)), _open));
        Assert.Equal("field 1 has wire type 3 (101)", Error(string.Concat(Enumerable.Repeat("0b", 101)), _open));
        Assert.Equal("it ends within a field (3)", Error("0b0801", _open));
    }

    [Fact]
    public void What_Google_writes_is_read_and_what_is_written_is_the_same()
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream, leaveOpen: true))
        {
            output.WriteTag(1, WireFormat.WireType.Varint);
            output.WriteInt32(-7);
            output.WriteTag(2, WireFormat.WireType.Varint);
            output.WriteUInt64(ulong.MaxValue);
            output.WriteTag(3, WireFormat.WireType.LengthDelimited);
            output.WriteString("Grüße");
            output.WriteTag(4, WireFormat.WireType.Fixed32);
            output.WriteFixed32(0xfedcba98);
            output.WriteTag(15, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(new byte[300]));
        }

        byte[] bytes = new byte[stream.Length];
        ProtobufWriter writer = new(bytes);
        writer.WriteInt32(1, -7);
        writer.WriteVarint(2, ulong.MaxValue);
        writer.WriteText(3, "Grüße", 7);
        writer.WriteFixed32(4, 0xfedcba98);
        writer.WriteBytes(15, new byte[300]);
        Assert.Equal(stream.ToArray(), bytes);
        Assert.Equal(
            ProtobufWriter.Int32FieldSize(-7) + ProtobufWriter.VarintFieldSize(ulong.MaxValue) + ProtobufWriter.BytesFieldSize(7)
                + ProtobufWriter.TagSize + sizeof(uint) + ProtobufWriter.BytesFieldSize(300),
            writer.Position);

        ProtobufReader reader = new(bytes, _canonical);
        Assert.True(reader.TryReadTag(out ProtobufTag tag) && tag is (1, ProtobufWireType.Varint));
        Assert.Equal(-7, reader.ReadInt32());
        Assert.True(reader.TryReadTag(out tag) && tag is (2, ProtobufWireType.Varint));
        Assert.Equal(ulong.MaxValue, reader.ReadVarint());
        Assert.True(reader.TryReadTag(out tag) && tag is (3, ProtobufWireType.Bytes));
        Assert.Equal("Grüße"u8, reader.ReadBytes());
        Assert.True(reader.TryReadTag(out tag) && tag is (4, ProtobufWireType.Fixed32));
        Assert.Equal(0xfedcba98, reader.ReadFixed32());
        Assert.True(reader.TryReadTag(out tag) && tag is (15, ProtobufWireType.Bytes));
        Assert.Equal(300, reader.ReadBytes().Length);
        Assert.False(reader.TryReadTag(out _));
        Assert.Equal(0, reader.Left);
    }

    private static string? Error(string hex, ProtobufDialect dialect)
    {
        ProtobufReader reader = new(Convert.FromHexString(hex), dialect);
        try
        {
            while (reader.TryReadTag(out ProtobufTag tag))
            {
                reader.Skip(tag);
            }

            return null;
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }
}
