using System.Buffers.Binary;

namespace Bitswap.Dag.Protobuf;

/// <summary>Reads the fields of one protobuf message without copying or allocating; what is malformed is a <see cref="DagException"/>.</summary>
/// <param name="source">The whole message.</param>
/// <param name="errorId">The id of the errors.</param>
/// <param name="what">What the message should be, as in "Not a {what}".</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> source, string errorId, string what)
{
    private const ulong MaxFieldNumber = (1 << 29) - 1;
    private readonly ReadOnlySpan<byte> _source = source;

    /// <summary>How many bytes are read.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the next tag; false at the end of the message.</summary>
    public bool TryReadTag(out int field, out ProtobufWireType type)
    {
        if (Position == _source.Length)
        {
            field = 0;
            type = default;
            return false;
        }

        ulong tag = ReadVarint();
        ulong number = tag >> 3;
        if (number is 0 or > MaxFieldNumber)
        {
            throw Invalid($"field number {number} does not exist");
        }

        field = (int)number;
        type = (ProtobufWireType)(tag & 7);
        return true;
    }

    /// <summary>Reads a varint of up to 64 bits in its shortest form: every known writer writes that one, and a block has one form.</summary>
    public ulong ReadVarint()
    {
        ulong value = 0;
        ReadOnlySpan<byte> rest = _source[Position..];
        for (int i = 0; i < rest.Length; i++)
        {
            byte b = rest[i];
            if (i == 9 && b > 1)
            {
                throw Invalid("a varint is longer than 64 bits");
            }

            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                if (b == 0 && i > 0)
                {
                    throw Invalid("a varint is not in its shortest form");
                }

                Position += i + 1;
                return value;
            }
        }

        throw Truncated();
    }

    /// <summary>Reads a length and that many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes() => _source[ReadRange()];

    /// <summary>Reads a length and says where in the message that many bytes are.</summary>
    public Range ReadRange()
    {
        ulong length = ReadVarint();
        if (length > (ulong)(_source.Length - Position))
        {
            throw Truncated();
        }

        int start = Position;
        Position += (int)length;
        return start..Position;
    }

    /// <summary>Reads four bytes, least significant first.</summary>
    public uint ReadFixed32()
    {
        int start = Position;
        SkipBytes(sizeof(uint));
        return BinaryPrimitives.ReadUInt32LittleEndian(_source[start..]);
    }

    /// <summary>Skips the value of a field that is not known here. Groups, which no message of these codecs has, are refused.</summary>
    public void Skip(int field, ProtobufWireType type)
    {
        switch (type)
        {
            case ProtobufWireType.Varint:
                ReadVarint();
                break;
            case ProtobufWireType.Fixed64:
                SkipBytes(sizeof(ulong));
                break;
            case ProtobufWireType.Bytes:
                ReadRange();
                break;
            case ProtobufWireType.Fixed32:
                SkipBytes(sizeof(uint));
                break;
            default:
                throw WrongType(field, type);
        }
    }

    /// <summary>The error of a field whose value is of a type that it may not have.</summary>
    public readonly DagException WrongType(int field, ProtobufWireType type) => Invalid($"field {field} has wire type {(int)type}");

    /// <summary>An error that tells the position.</summary>
    public readonly DagException Invalid(string why) => new(errorId, $"Not a {what}: {why} (at byte {Position}).");

    private void SkipBytes(int count)
    {
        if (_source.Length - Position < count)
        {
            throw Truncated();
        }

        Position += count;
    }

    private readonly DagException Truncated() => Invalid("it ends within a field");
}
