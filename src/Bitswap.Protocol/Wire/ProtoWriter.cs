using System.Numerics;

namespace Bitswap.Protocol.Wire;

/// <summary>Writes protobuf fields, numbered up to 15, into a span that was measured before.</summary>
internal ref struct ProtoWriter(Span<byte> destination)
{
    /// <summary>Bytes of a tag: one, for a field number up to 15.</summary>
    public const int TagSize = 1;

    private readonly int _length = destination.Length;
    private Span<byte> _rest = destination;

    /// <summary>Bytes written so far.</summary>
    public readonly int Written => _length - _rest.Length;

    public static int VarintSize(ulong value) => ((63 - BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;

    /// <summary>An int32 is sign-extended to 64 bits on the wire, so a negative one takes ten bytes.</summary>
    public static int Int32Size(int value) => VarintSize((ulong)(long)value);

    /// <summary>Bytes of a length-delimited field: tag, length and content.</summary>
    public static long BytesFieldSize(long length) => TagSize + VarintSize((ulong)length) + length;

    public void WriteBytesHeader(int field, int length)
    {
        WriteTag(field, ProtoWireType.Bytes);
        WriteVarint((ulong)length);
    }

    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteBytesHeader(field, value.Length);
        value.CopyTo(_rest);
        _rest = _rest[value.Length..];
    }

    public void WriteInt32(int field, int value)
    {
        WriteTag(field, ProtoWireType.Varint);
        WriteVarint((ulong)(long)value);
    }

    public void WriteVarint(ulong value)
    {
        int i = 0;
        for (; value >= 0x80; value >>= 7)
        {
            _rest[i++] = (byte)(value | 0x80);
        }

        _rest[i++] = (byte)value;
        _rest = _rest[i..];
    }

    private void WriteTag(int field, ProtoWireType type) => WriteVarint((ulong)((field << 3) | (int)type));
}
