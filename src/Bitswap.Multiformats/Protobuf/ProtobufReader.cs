using System.Buffers.Binary;

namespace Bitswap.Multiformats.Protobuf;

/// <summary>
/// Reads the fields of one protobuf message without copying or allocating (protobuf encoding guide). A varint has at most ten bytes and 64 bits, and a
/// field number is 1 to 2^29 - 1, as in Go; the rest is up to the dialect.
/// </summary>
/// <param name="source">The whole message.</param>
/// <param name="dialect">How strictly it is read, and the errors.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> source, ProtobufDialect dialect)
{
    private const int MaxGroupDepth = 100;
    private const ulong MaxFieldNumber = (1 << 29) - 1;

    private readonly ReadOnlySpan<byte> _source = source;

    /// <summary>Gets how many bytes are read.</summary>
    public int Position { get; private set; }

    /// <summary>Gets how many bytes are not read yet.</summary>
    public readonly int Left => _source.Length - Position;

    /// <summary>Reads the next tag; false at the end of the message.</summary>
    public bool TryReadTag(out ProtobufTag tag)
    {
        if (Left == 0)
        {
            tag = default;
            return false;
        }

        ulong raw = ReadVarint();
        ulong number = raw >> 3;
        if (number is 0 or > MaxFieldNumber)
        {
            throw Invalid($"field number {number} does not exist");
        }

        tag = new ProtobufTag((int)number, (ProtobufWireType)(raw & 7));
        return true;
    }

    /// <summary>Reads a varint of up to 64 bits.</summary>
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
                if (b == 0 && i > 0 && dialect.IsCanonical)
                {
                    throw Invalid("a varint is not in its shortest form");
                }

                Position += i + 1;
                return value;
            }
        }

        throw Truncated();
    }

    /// <summary>Reads the varint of an int32: the low 32 bits of it.</summary>
    public int ReadInt32() => (int)ReadVarint();

    /// <summary>Reads the varint of a bool.</summary>
    public bool ReadBool() => ReadVarint() != 0;

    /// <summary>Reads a length and that many bytes.</summary>
    public ReadOnlySpan<byte> ReadBytes() => _source[ReadRange()];

    /// <summary>Reads a length and says where in the message that many bytes are.</summary>
    public Range ReadRange()
    {
        ulong length = ReadVarint();
        if (length > (ulong)Left)
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

    /// <summary>Skips the value of a field that is not known here, or whose wire type is not the one that is known.</summary>
    public void Skip(ProtobufTag tag) => Skip(tag, 0);

    /// <summary>Makes the error of a field whose value is of a type that it may not have.</summary>
    public readonly Exception WrongType(ProtobufTag tag) => Invalid($"field {tag.Field} has wire type {(int)tag.Type}");

    /// <summary>Makes an error of the dialect.</summary>
    public readonly Exception Invalid(string why) => dialect.Invalid(why, Position);

    private void Skip(ProtobufTag tag, int depth)
    {
        switch (tag.Type)
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
            case ProtobufWireType.StartGroup when !dialect.IsCanonical && depth < MaxGroupDepth:
                SkipGroup(tag.Field, depth + 1);
                break;
            default:
                throw WrongType(tag);
        }
    }

    private void SkipGroup(int field, int depth)
    {
        while (TryReadTag(out ProtobufTag inner))
        {
            if (inner.Type == ProtobufWireType.EndGroup && inner.Field == field)
            {
                return;
            }

            Skip(inner, depth);
        }

        throw Truncated();
    }

    private void SkipBytes(int count) => Position = Left >= count ? Position + count : throw Truncated();

    private readonly Exception Truncated() => Invalid("it ends within a field");
}

/// <summary>Represents the number of a field and how its value is written.</summary>
internal readonly record struct ProtobufTag(int Field, ProtobufWireType Type);

/// <summary>Specifies how the value of a field is written (protobuf encoding guide, "Message Structure").</summary>
internal enum ProtobufWireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}

/// <summary>Represents how strictly a format is read, and the error of bytes that are not of it.</summary>
/// <param name="IsCanonical">
/// Whether a value has one form: a varint in more bytes than it needs, or a group, is refused. Blocks of content are read so, since their hash names
/// one form. What a peer sends is not: any writer's protobuf is accepted, as Go's reader does.
/// </param>
/// <param name="Invalid">Makes the error from what is wrong, as in "it ends within a field", and how many bytes were read before.</param>
internal sealed record ProtobufDialect(bool IsCanonical, Func<string, int, Exception> Invalid);
