using System.Buffers.Binary;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Links;

/// <summary>
/// Reads dag-cbor item by item, under ipld.io/specs/codecs/dag-cbor/spec: no indefinite lengths, no tag but 42, no simple values but false, true, null and
/// undefined, floats that are numbers. What "Decode strictness" lets a decoder pass is passed, and noted: heads that are not in their shortest form, floats of
/// fewer than 64 bits, and undefined, which go-ipld-prime and @ipld/dag-cbor read as null.
/// </summary>
/// <param name="source">The bytes.</param>
/// <param name="errorId">The id of the errors.</param>
/// <param name="sink">Told of what another encoder writes otherwise; null where that does not matter.</param>
internal ref struct DagCborReader(ReadOnlySpan<byte> source, string errorId, LinkSink? sink = null)
{
    private const byte False = 20;
    private const byte Null = 22;
    private const byte Undefined = 23;
    private const byte Float16 = 25;
    private const byte Float32 = 26;
    private const byte Float64 = 27;
    private const byte Indefinite = 31;
    private const byte CidPrefix = 0;

    /// <summary>The only tag of dag-cbor: the byte string that follows is a CID.</summary>
    public const ulong CidTag = 42;

    private readonly ReadOnlySpan<byte> _source = source;

    /// <summary>Gets how many bytes are read.</summary>
    public int Position { get; private set; }

    /// <summary>Gets whether all bytes are read.</summary>
    public readonly bool IsAtEnd => Position == _source.Length;

    /// <summary>Reads the head of the next item; of a float and the simple values there is no more than that.</summary>
    /// <param name="value">The number, the length, the count or the tag.</param>
    public CborMajor ReadHead(out ulong value)
    {
        byte first = Take(1)[0];
        var major = (CborMajor)(first >> 5);
        int minor = first & 0x1F;
        if (major == CborMajor.Simple)
        {
            ReadSimple(minor);
            value = 0;
            return major;
        }

        value = minor switch
        {
            < 24 => (ulong)minor,
            24 => Shortest(Take(1)[0], 24),
            25 => Shortest(BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort))), 1UL << 8),
            26 => Shortest(BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint))), 1UL << 16),
            27 => Shortest(BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong))), 1UL << 32),
            Indefinite => throw Invalid("an item has no definite length"),
            _ => throw Invalid($"minor type {minor} is reserved"),
        };
        return major;
    }

    /// <summary>Reads as many bytes as a head has said.</summary>
    public ReadOnlySpan<byte> ReadBody(ulong length) =>
        length <= (ulong)(_source.Length - Position) ? Take((int)length) : throw Truncated();

    /// <summary>Refuses a list or map of more items than bytes are left: each takes one byte or more.</summary>
    public readonly void CheckCount(ulong items)
    {
        if (items > (ulong)(_source.Length - Position))
        {
            throw Truncated();
        }
    }

    /// <summary>Reads the CID that follows tag 42: a byte string of the identity multibase prefix and the CID.</summary>
    public Cid ReadCid()
    {
        if (ReadHead(out ulong length) != CborMajor.Bytes)
        {
            throw Invalid("what follows tag 42 is no byte string");
        }

        ReadOnlySpan<byte> bytes = ReadBody(length);
        if (bytes.IsEmpty || bytes[0] != CidPrefix)
        {
            throw Invalid("a CID does not begin with the multibase prefix 00");
        }

        try
        {
            return Cid.FromBytes(bytes[1..]);
        }
        catch (MultiformatException exception)
        {
            throw new DagException(errorId, $"{Invalid("a link is no CID").Message} {exception.Message}", exception);
        }
    }

    /// <summary>Bytes that have been read.</summary>
    public readonly ReadOnlySpan<byte> At(Range range) => _source[range];

    /// <summary>Returns an error that tells the position.</summary>
    public readonly DagException Invalid(string why) => new(errorId, $"Not dag-cbor: {why} (at byte {Position}).");

    private void ReadSimple(int minor)
    {
        switch (minor)
        {
            case >= False and <= Null:
                break;
            case Undefined:
                sink?.Deviate("there is an undefined, which is read as null", Position);
                break;
            case Float16:
                sink?.Deviate("a float is shorter than 64 bits", Position);
                CheckNumber((double)BinaryPrimitives.ReadHalfBigEndian(Take(sizeof(ushort))));
                break;
            case Float32:
                sink?.Deviate("a float is shorter than 64 bits", Position);
                CheckNumber(BinaryPrimitives.ReadSingleBigEndian(Take(sizeof(float))));
                break;
            case Float64:
                CheckNumber(BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double))));
                break;
            default:
                throw Invalid($"simple value {minor} has no place in it");
        }
    }

    private readonly void CheckNumber(double number)
    {
        if (!double.IsFinite(number))
        {
            throw Invalid("a float is no number");
        }
    }

    private readonly ulong Shortest(ulong value, ulong min)
    {
        if (value < min)
        {
            sink?.Deviate("a number or length is not in its shortest form", Position);
        }

        return value;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_source.Length - Position < count)
        {
            throw Truncated();
        }

        ReadOnlySpan<byte> taken = _source.Slice(Position, count);
        Position += count;
        return taken;
    }

    private readonly DagException Truncated() => Invalid("it ends within an item");
}

/// <summary>Specifies the major types of RFC 8949, section 3.1.</summary>
internal enum CborMajor
{
    Unsigned = 0,
    Negative = 1,
    Bytes = 2,
    Text = 3,
    List = 4,
    Map = 5,
    Tag = 6,
    Simple = 7,
}
