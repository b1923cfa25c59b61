using System.Buffers.Binary;

namespace Bitswap.Libp2p.Kademlia;

/// <summary>
/// Goes through the fields of a protobuf message without allocating (protobuf.dev, encoding): a stranger's message may hold millions of empty
/// fields, and only those within the limits become objects.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int WireVarint = 0;
    private const int WireFixed64 = 1;
    private const int WireBytes = 2;
    private const int WireFixed32 = 5;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>Its value, if it has a number; or else 0.</summary>
    public ulong Number { get; private set; }

    /// <summary>Its value, if it has bytes; or else empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Whether its value is bytes.</summary>
    public bool HasBytes { get; private set; }

    /// <summary>Reads the next field.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="Libp2pException">ProtocolViolation: this is no protobuf message.</exception>
    public bool Read()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }
        ulong tag = ReadVarint();
        if (tag >> 3 is 0 or > int.MaxValue >> 2)
        {
            throw Malformed("a field has no valid number");
        }
        Field = (int)(tag >> 3);
        Number = 0;
        Bytes = default;
        HasBytes = false;
        switch ((int)(tag & 7))
        {
            case WireVarint:
                Number = ReadVarint();
                break;
            case WireFixed64:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case WireFixed32:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            case WireBytes:
                Bytes = Take(ReadVarint());
                HasBytes = true;
                break;
            default:
                throw Malformed($"a field has wire type {tag & 7}");
        }
        return true;
    }

    /// <summary>The message is not what it should be.</summary>
    public static Libp2pException Malformed(string what) =>
        new(Libp2pErrorIds.ProtocolViolation, $"The answer of the DHT peer is malformed: {what}.");

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw Malformed("a field is cut off");
        }
        ReadOnlySpan<byte> taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    // protobuf's own varints take up to ten bytes and need not be the shortest, unlike those of multiformats
    private ulong ReadVarint()
    {
        ulong value = 0;
        for (int i = 0; i < _rest.Length && i < 10; i++)
        {
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }
        throw Malformed("a number is cut off or too long");
    }
}
