using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Bitswap.Multiformats.Protobuf;

/// <summary>Writes protobuf fields, numbered up to 15, into a span that was measured before.</summary>
internal ref struct ProtobufWriter(Span<byte> destination)
{
    /// <summary>Bytes of a tag: one, for a field number up to 15.</summary>
    public const int TagSize = 1;

    private readonly Span<byte> _destination = destination;

    /// <summary>Gets how many bytes are written.</summary>
    public int Position { get; private set; }

    /// <summary>Returns how many bytes a varint takes: 1 to 10.</summary>
    public static int VarintSize(ulong value) => ((63 - BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;

    /// <summary>Returns how many bytes a field of a varint takes.</summary>
    public static int VarintFieldSize(ulong value) => TagSize + VarintSize(value);

    /// <summary>Returns how many bytes a field of an int32 takes. A negative one is sign-extended to 64 bits, and its value takes ten bytes.</summary>
    public static int Int32FieldSize(int value) => VarintFieldSize((ulong)(long)value);

    /// <summary>Returns how many bytes a field of so many bytes takes: tag, length and content.</summary>
    public static long BytesFieldSize(long length) => TagSize + VarintSize((ulong)length) + length;

    /// <summary>Writes the tag and the length of bytes that the caller writes next, or elsewhere.</summary>
    public void WriteBytesHeader(int field, int length) => WriteVarint(field, ProtobufWireType.Bytes, (ulong)length);

    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteBytesHeader(field, value.Length);
        value.CopyTo(_destination[Position..]);
        Position += value.Length;
    }

    /// <summary>Writes a text whose length in UTF-8 is known.</summary>
    public void WriteText(int field, string text, int byteCount)
    {
        WriteBytesHeader(field, byteCount);
        Position += Encoding.UTF8.GetBytes(text, _destination[Position..]);
    }

    public void WriteVarint(int field, ulong value) => WriteVarint(field, ProtobufWireType.Varint, value);

    public void WriteInt32(int field, int value) => WriteVarint(field, (ulong)(long)value);

    public void WriteFixed32(int field, uint value)
    {
        WriteTag(field, ProtobufWireType.Fixed32);
        BinaryPrimitives.WriteUInt32LittleEndian(_destination[Position..], value);
        Position += sizeof(uint);
    }

    private void WriteVarint(int field, ProtobufWireType type, ulong value)
    {
        WriteTag(field, type);
        for (; value >= 0x80; value >>= 7)
        {
            _destination[Position++] = (byte)(value | 0x80);
        }

        _destination[Position++] = (byte)value;
    }

    private void WriteTag(int field, ProtobufWireType type) => _destination[Position++] = (byte)((field << 3) | (int)type);
}
