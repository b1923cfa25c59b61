using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.Links;

/// <summary>
/// Represents a map of dag-cbor by the numbers and byte strings that it holds at its top: what else it holds is checked for being dag-cbor, and not kept. A map is
/// read as <see cref="DagLinks"/> reads blocks, and written in the one form that dag-cbor has.
/// </summary>
public sealed class DagCborMap
{
    private const int MaxShortValue = 23;

    // A number is a ulong, a byte string a ReadOnlyMemory<byte>.
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>Makes an empty map.</summary>
    public DagCborMap()
    {
    }

    /// <summary>Reads a map.</summary>
    /// <param name="source">The map and nothing behind it; it is not copied.</param>
    /// <param name="limits">How deep it may be; null for the defaults.</param>
    /// <exception cref="DagException"><c>InvalidDagCbor</c>, <c>DagLimitExceeded</c>.</exception>
    public static DagCborMap Read(ReadOnlyMemory<byte> source, DagLimits? limits = null)
    {
        DagCborLinks.Read(source.Span, new LinkSink(limits ?? DagLimits.Default));
        DagCborReader reader = new(source.Span, DagErrorIds.InvalidDagCbor);
        if (reader.ReadHead(out ulong count) != CborMajor.Map)
        {
            throw reader.Invalid("it is no map");
        }

        DagCborMap map = new();
        for (ulong i = 0; i < count; i++)
        {
            reader.ReadHead(out ulong keyLength);
            string key = Encoding.UTF8.GetString(reader.ReadBody(keyLength));
            CborMajor major = reader.ReadHead(out ulong value);
            if (major == CborMajor.Unsigned)
            {
                map._values[key] = value;
            }
            else if (major == CborMajor.Bytes)
            {
                int length = reader.ReadBody(value).Length;
                map._values[key] = source.Slice(reader.Position - length, length);
            }
            else
            {
                SkipRest(ref reader, major, value);
            }
        }

        return map;
    }

    /// <summary>Returns the number of a key; null where the key is missing or holds something else.</summary>
    public ulong? Number(string key) => _values.GetValueOrDefault(key) as ulong?;

    /// <summary>Returns the byte string of a key; null where the key is missing or holds something else.</summary>
    public ReadOnlyMemory<byte>? Bytes(string key) => _values.GetValueOrDefault(key) as ReadOnlyMemory<byte>?;

    /// <summary>Puts a number under a key.</summary>
    /// <returns>This map.</returns>
    public DagCborMap Add(string key, ulong number)
    {
        _values[key] = number;
        return this;
    }

    /// <summary>Puts a byte string under a key.</summary>
    /// <returns>This map.</returns>
    public DagCborMap Add(string key, ReadOnlyMemory<byte> bytes)
    {
        _values[key] = bytes;
        return this;
    }

    /// <summary>Writes the map: shorter keys before longer ones, each in the order of its bytes, and all lengths and numbers in their shortest form.</summary>
    public byte[] Write()
    {
        (byte[] Key, object Value)[] entries = [.. _values.Select(entry => (Encoding.UTF8.GetBytes(entry.Key), entry.Value))];
        Array.Sort(entries, static (left, right) => left.Key.Length != right.Key.Length ? left.Key.Length.CompareTo(right.Key.Length) : left.Key.AsSpan().SequenceCompareTo(right.Key));
        ArrayBufferWriter<byte> target = new();
        WriteHead(target, CborMajor.Map, (ulong)entries.Length);
        foreach ((byte[] key, object value) in entries)
        {
            WriteHead(target, CborMajor.Text, (ulong)key.Length);
            target.Write(key);
            if (value is ulong number)
            {
                WriteHead(target, CborMajor.Unsigned, number);
            }
            else
            {
                ReadOnlyMemory<byte> bytes = (ReadOnlyMemory<byte>)value;
                WriteHead(target, CborMajor.Bytes, (ulong)bytes.Length);
                target.Write(bytes.Span);
            }
        }

        return target.WrittenSpan.ToArray();
    }

    // that it is whole, and no deeper than may be, is known
    private static void SkipRest(ref DagCborReader reader, CborMajor major, ulong value)
    {
        switch (major)
        {
            case CborMajor.Bytes or CborMajor.Text:
                reader.ReadBody(value);
                break;
            case CborMajor.List or CborMajor.Map:
                for (ulong items = major == CborMajor.Map ? 2 * value : value; items > 0; items--)
                {
                    CborMajor inner = reader.ReadHead(out ulong innerValue);
                    SkipRest(ref reader, inner, innerValue);
                }

                break;
            case CborMajor.Tag:
                reader.ReadCid();
                break;
        }
    }

    private static void WriteHead(ArrayBufferWriter<byte> target, CborMajor major, ulong value)
    {
        int first = (int)major << 5;
        Span<byte> head = stackalloc byte[9];
        int length = value switch
        {
            <= MaxShortValue => 1,
            <= byte.MaxValue => 2,
            <= ushort.MaxValue => 3,
            <= uint.MaxValue => 5,
            _ => 9,
        };
        BinaryPrimitives.WriteUInt64BigEndian(head[1..], value << (8 * (9 - length)));
        head[0] = (byte)(first | (length switch { 1 => (int)value, 2 => 24, 3 => 25, 5 => 26, _ => 27 }));
        target.Write(head[..length]);
    }
}
