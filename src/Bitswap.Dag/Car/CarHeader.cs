using System.Buffers.Binary;
using System.Numerics;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Car;

/// <summary>Encodes the header of a CAR: a dag-cbor map of the version and the roots (ipld.io/specs/transport/car/carv1).</summary>
internal static class CarHeader
{
    private const byte CidTagHead = 0xD8;
    private static ReadOnlySpan<byte> RootsKey => "roots"u8;

    private static ReadOnlySpan<byte> VersionKey => "version"u8;

    /// <summary>Reads the header of version 1 or the pragma of version 2, which has no roots.</summary>
    /// <exception cref="DagException">It is neither.</exception>
    public static (ulong Version, IReadOnlyList<Cid> Roots) Read(ReadOnlySpan<byte> header)
    {
        var reader = new DagCborReader(header, DagErrorIds.InvalidCar);
        if (reader.ReadHead(out ulong count) != CborMajor.Map)
        {
            throw reader.Invalid("the header is no map");
        }

        ulong? version = null;
        List<Cid>? roots = null;
        for (ulong i = 0; i < count; i++)
        {
            CborMajor major = reader.ReadHead(out ulong length);
            ReadOnlySpan<byte> key = major == CborMajor.Text ? reader.ReadBody(length) : [];
            if (key.SequenceEqual(VersionKey) && version is null)
            {
                version = reader.ReadHead(out ulong number) == CborMajor.Unsigned ? number : throw reader.Invalid("the version is no number");
            }
            // Old writers order the keys the other way round, so the order is not looked at.
            else if (key.SequenceEqual(RootsKey) && roots is null)
            {
                roots = ReadRoots(ref reader);
            }
            else
            {
                throw reader.Invalid("the header has a key that is not known, or one twice");
            }
        }

        if (!reader.IsAtEnd)
        {
            throw reader.Invalid("bytes follow the header");
        }

        return (version, roots) switch
        {
            (2, null) => (2, []),
            (1, { } listed) => (1, listed),
            (1, null) => throw reader.Invalid("the header has no roots"),
            (null, _) => throw reader.Invalid("the header has no version"),
            _ => throw reader.Invalid($"there is no version {version} with such a header"),
        };
    }

    /// <summary>Returns how many bytes the header of version 1 takes, without the length before it.</summary>
    public static long Measure(IReadOnlyList<Cid> roots)
    {
        long size = 1 + 1 + RootsKey.Length + HeadLength(roots.Count) + 1 + VersionKey.Length + 1;
        foreach (Cid root in roots)
        {
            size += 2 + HeadLength(root.ByteLength + 1) + 1 + root.ByteLength;
        }

        return size;
    }

    /// <summary>Writes the header of version 1, the length before it included.</summary>
    public static byte[] Write(IReadOnlyList<Cid> roots)
    {
        int size = checked((int)Measure(roots));
        int prefix = Varint.Length((ulong)size);
        var header = new byte[prefix + size];
        Varint.Write(header, (ulong)size);
        Span<byte> rest = header.AsSpan(prefix);
        WriteHead(ref rest, CborMajor.Map, 2);
        WriteText(ref rest, RootsKey);
        WriteHead(ref rest, CborMajor.List, roots.Count);
        foreach (Cid root in roots)
        {
            rest[0] = CidTagHead;
            rest[1] = (byte)DagCborReader.CidTag;
            rest = rest[2..];
            WriteHead(ref rest, CborMajor.Bytes, root.ByteLength + 1);

            // The identity multibase prefix, which is 0.
            rest = rest[1..];
            root.Bytes.CopyTo(rest);
            rest = rest[root.ByteLength..];
        }

        WriteText(ref rest, VersionKey);
        WriteHead(ref rest, CborMajor.Unsigned, 1);
        return header;
    }

    private static List<Cid> ReadRoots(ref DagCborReader reader)
    {
        if (reader.ReadHead(out ulong count) != CborMajor.List)
        {
            throw reader.Invalid("the roots are no list");
        }

        List<Cid> roots = [];
        for (ulong i = 0; i < count; i++)
        {
            if (reader.ReadHead(out ulong tag) != CborMajor.Tag || tag != DagCborReader.CidTag)
            {
                throw reader.Invalid("a root is no link");
            }

            roots.Add(reader.ReadCid());
        }

        return roots;
    }

    private static int HeadLength(int value) => value < 24 ? 1 : value <= byte.MaxValue ? 2 : value <= ushort.MaxValue ? 3 : 5;

    private static void WriteText(ref Span<byte> rest, ReadOnlySpan<byte> text)
    {
        WriteHead(ref rest, CborMajor.Text, text.Length);
        text.CopyTo(rest);
        rest = rest[text.Length..];
    }

    private static void WriteHead(ref Span<byte> rest, CborMajor major, int value)
    {
        int length = HeadLength(value);
        if (length == 1)
        {
            rest[0] = (byte)(((int)major << 5) | value);
        }
        else
        {
            rest[0] = (byte)(((int)major << 5) | (23 + BitOperations.Log2((uint)length - 1) + 1));
            Span<byte> number = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(number, value);
            number[^(length - 1)..].CopyTo(rest[1..]);
        }

        rest = rest[length..];
    }
}
