namespace Bitswap.Protocol.Wire;

/// <summary>
/// Reads the fields of one protobuf message without copying or allocating (protobuf encoding guide). It is as strict as Go's: a varint is
/// at most ten bytes and 64 bits, a field number 1 to 2^29 - 1.
/// </summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> source)
{
    private const int MaxGroupDepth = 100;
    private const ulong MaxFieldNumber = (1 << 29) - 1;

    private ReadOnlySpan<byte> _rest = source;

    /// <summary>Bytes that are not read yet.</summary>
    public readonly int Left => _rest.Length;

    /// <summary>Reads the next tag; false at the end of the message.</summary>
    public bool TryReadTag(out ProtoTag tag)
    {
        if (_rest.IsEmpty)
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

        tag = new ProtoTag((int)number, (ProtoWireType)(raw & 7));
        return true;
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (int i = 0; i < _rest.Length; i++)
        {
            byte b = _rest[i];
            if (i == 9 && b > 1)
            {
                throw Invalid("a varint is longer than 64 bits");
            }

            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw Truncated();
    }

    public int ReadInt32() => (int)ReadVarint();

    public bool ReadBool() => ReadVarint() != 0;

    public ReadOnlySpan<byte> ReadBytes()
    {
        ulong length = ReadVarint();
        if (length > (ulong)_rest.Length)
        {
            throw Truncated();
        }

        ReadOnlySpan<byte> bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    /// <summary>
    /// Skips the value of a field that is not known here, or that has another wire type than it should: unknown fields are legal.
    /// </summary>
    public void Skip(ProtoTag tag) => Skip(tag, 0);

    private void Skip(ProtoTag tag, int depth)
    {
        switch (tag.Type)
        {
            case ProtoWireType.Varint:
                ReadVarint();
                break;
            case ProtoWireType.Fixed64:
                SkipFixed(sizeof(ulong));
                break;
            case ProtoWireType.Bytes:
                ReadBytes();
                break;
            case ProtoWireType.Fixed32:
                SkipFixed(sizeof(uint));
                break;
            case ProtoWireType.StartGroup when depth < MaxGroupDepth:
                SkipGroup(tag.Field, depth + 1);
                break;
            default:
                throw Invalid($"field {tag.Field} has wire type {(int)tag.Type} where none such may stand");
        }
    }

    private void SkipGroup(int field, int depth)
    {
        while (TryReadTag(out ProtoTag inner))
        {
            if (inner.Type == ProtoWireType.EndGroup && inner.Field == field)
            {
                return;
            }

            Skip(inner, depth);
        }

        throw Truncated();
    }

    private void SkipFixed(int size) => _rest = _rest.Length >= size ? _rest[size..] : throw Truncated();

    private static WireException Truncated() => Invalid("it ends within a field");

    private static WireException Invalid(string why) => new(WireException.InvalidMessage, $"Not a Bitswap message: {why}.");
}
