using System.Buffers.Binary;
using System.Numerics;

namespace Bitswap.Dag.Protobuf;

/// <summary>Writes protobuf fields into a buffer that was measured before.</summary>
internal ref struct ProtobufWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>How many bytes are written.</summary>
    public int Position { get; private set; }

    /// <summary>How many bytes a varint takes: 1 to 10.</summary>
    public static int VarintLength(ulong value) => ((63 - BitOperations.LeadingZeroCount(value | 1)) / 7) + 1;

    /// <summary>How many bytes a length and that many bytes take.</summary>
    public static int BytesLength(int length) => VarintLength((ulong)length) + length;

    /// <summary>Writes a tag of a field number under 16: one byte.</summary>
    public void WriteTag(int field, ProtobufWireType type) => _destination[Position++] = (byte)((field << 3) | (int)type);

    public void WriteVarint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _destination[Position++] = (byte)(value | 0x80);
        }

        _destination[Position++] = (byte)value;
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarint((ulong)bytes.Length);
        bytes.CopyTo(_destination[Position..]);
        Position += bytes.Length;
    }

    public void WriteText(string text, int byteCount)
    {
        WriteVarint((ulong)byteCount);
        Position += System.Text.Encoding.UTF8.GetBytes(text, _destination[Position..]);
    }

    public void WriteFixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_destination[Position..], value);
        Position += sizeof(uint);
    }
}
