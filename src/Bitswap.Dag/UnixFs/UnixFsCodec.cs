using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.UnixFs;

/// <summary>Reads and writes <see cref="UnixFsData"/>.</summary>
internal static class UnixFsCodec
{
    private static readonly ProtobufDialect _dialect = DagProtobuf.Dialect(DagErrorIds.InvalidUnixFs, "UnixFS entry");

    public static UnixFsData Decode(ReadOnlyMemory<byte> source)
    {
        var reader = new ProtobufReader(source.Span, _dialect);
        UnixFsType? type = null;
        ReadOnlyMemory<byte>? data = null;
        ulong? fileSize = null;
        ulong? hashType = null;
        ulong? fanout = null;
        uint? mode = null;
        UnixFsTime? mtime = null;
        var blockSizes = new List<ulong>();
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (UnixFsFields.Type, ProtobufWireType.Varint):
                    type = ReadType(ref reader);
                    break;
                case (UnixFsFields.Data, ProtobufWireType.Bytes):
                    data = source[reader.ReadRange()];
                    break;
                case (UnixFsFields.FileSize, ProtobufWireType.Varint):
                    fileSize = reader.ReadVarint();
                    break;
                case (UnixFsFields.BlockSizes, ProtobufWireType.Varint):
                    blockSizes.Add(reader.ReadVarint());
                    break;
                // Protobuf readers take repeated numbers in either form, whatever the schema says.
                case (UnixFsFields.BlockSizes, ProtobufWireType.Bytes):
                    ReadPacked(reader.ReadBytes(), blockSizes);
                    break;
                case (UnixFsFields.HashType, ProtobufWireType.Varint):
                    hashType = reader.ReadVarint();
                    break;
                case (UnixFsFields.Fanout, ProtobufWireType.Varint):
                    fanout = reader.ReadVarint();
                    break;
                case (UnixFsFields.Mode, ProtobufWireType.Varint):
                    mode = ReadMode(ref reader);
                    break;
                case (UnixFsFields.Mtime, ProtobufWireType.Bytes):
                    mtime = ReadTime(reader.ReadBytes());
                    break;
                case ( <= UnixFsFields.Mtime, _):
                    throw reader.WrongType(tag);
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return new UnixFsData
        {
            Type = type ?? throw reader.Invalid("it does not say what it is"),
            Data = data.GetValueOrDefault(),
            HasData = data.HasValue,
            FileSize = fileSize,
            BlockSizes = blockSizes,
            HashType = hashType,
            Fanout = fanout,
            Mode = mode,
            Mtime = mtime,
        };
    }

    public static int Measure(UnixFsData entry)
    {
        long length = FieldSize((ulong)entry.Type) + FieldSize(entry.FileSize) + FieldSize(entry.HashType) + FieldSize(entry.Fanout) + FieldSize(entry.Mode);
        length += entry.HasData ? ProtobufWriter.BytesFieldSize(entry.Data.Length) : 0;
        foreach (ulong size in entry.BlockSizes)
        {
            length += FieldSize(size);
        }

        return checked((int)(length + MtimeFieldSize(entry.Mtime)));
    }

    /// <summary>Returns the bytes of the field of a mode.</summary>
    public static int ModeFieldSize(uint? mode) => FieldSize(mode);

    /// <summary>Returns the bytes of the field of a time.</summary>
    public static int MtimeFieldSize(UnixFsTime? mtime) => mtime is { } time ? (int)ProtobufWriter.BytesFieldSize(TimeSize(time)) : 0;

    /// <summary>Writes mode and time, which stand at the end of an entry.</summary>
    public static void WriteAttributes(ref ProtobufWriter writer, uint? mode, UnixFsTime? mtime)
    {
        WriteField(ref writer, UnixFsFields.Mode, mode);
        if (mtime is not { } time)
        {
            return;
        }

        writer.WriteBytesHeader(UnixFsFields.Mtime, TimeSize(time));
        writer.WriteVarint(UnixFsFields.MtimeSeconds, unchecked((ulong)time.Seconds));
        if (time.Nanoseconds is { } nanoseconds)
        {
            writer.WriteFixed32(UnixFsFields.MtimeNanoseconds, nanoseconds);
        }
    }

    public static void Write(UnixFsData entry, ref ProtobufWriter writer)
    {
        WriteField(ref writer, UnixFsFields.Type, (ulong)entry.Type);
        if (entry.HasData)
        {
            writer.WriteBytes(UnixFsFields.Data, entry.Data.Span);
        }

        WriteField(ref writer, UnixFsFields.FileSize, entry.FileSize);
        foreach (ulong size in entry.BlockSizes)
        {
            WriteField(ref writer, UnixFsFields.BlockSizes, size);
        }

        WriteField(ref writer, UnixFsFields.HashType, entry.HashType);
        WriteField(ref writer, UnixFsFields.Fanout, entry.Fanout);
        WriteAttributes(ref writer, entry.Mode, entry.Mtime);
    }

    private static UnixFsType ReadType(ref ProtobufReader reader)
    {
        ulong type = reader.ReadVarint();
        return type <= (ulong)UnixFsType.HamtShard ? (UnixFsType)type : throw reader.Invalid($"there is no type {type}");
    }

    private static uint ReadMode(ref ProtobufReader reader)
    {
        ulong mode = reader.ReadVarint();
        return mode <= uint.MaxValue ? (uint)mode : throw reader.Invalid("the mode is longer than 32 bits");
    }

    private static void ReadPacked(ReadOnlySpan<byte> packed, List<ulong> sizes)
    {
        var reader = new ProtobufReader(packed, _dialect);
        while (reader.Position < packed.Length)
        {
            sizes.Add(reader.ReadVarint());
        }
    }

    private static UnixFsTime ReadTime(ReadOnlySpan<byte> source)
    {
        var reader = new ProtobufReader(source, _dialect);
        long? seconds = null;
        uint? nanoseconds = null;
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (UnixFsFields.MtimeSeconds, ProtobufWireType.Varint):
                    seconds = unchecked((long)reader.ReadVarint());
                    break;
                case (UnixFsFields.MtimeNanoseconds, ProtobufWireType.Fixed32):
                    nanoseconds = reader.ReadFixed32();
                    break;
                case ( <= UnixFsFields.MtimeNanoseconds, _):
                    throw reader.WrongType(tag);
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        // The specification's range is 1 to 999 999 999; a written 0 adds nothing and is read as if it were absent.
        return nanoseconds > UnixFsTime.MaxNanoseconds
            ? throw reader.Invalid($"the time has {nanoseconds} nanoseconds")
            : new UnixFsTime(seconds ?? throw reader.Invalid("the time has no seconds"), nanoseconds == 0 ? null : nanoseconds);
    }

    private static int TimeSize(UnixFsTime time) =>
        ProtobufWriter.VarintFieldSize(unchecked((ulong)time.Seconds)) + (time.Nanoseconds is null ? 0 : ProtobufWriter.TagSize + sizeof(uint));

    private static int FieldSize(ulong? value) => value is ulong number ? ProtobufWriter.VarintFieldSize(number) : 0;

    private static void WriteField(ref ProtobufWriter writer, int field, ulong? value)
    {
        if (value is ulong number)
        {
            writer.WriteVarint(field, number);
        }
    }
}

/// <summary>Defines the field numbers of the protobuf schema in specs.ipfs.tech/unixfs.</summary>
internal static class UnixFsFields
{
    public const int Type = 1;
    public const int Data = 2;
    public const int FileSize = 3;
    public const int BlockSizes = 4;
    public const int HashType = 5;
    public const int Fanout = 6;
    public const int Mode = 7;
    public const int Mtime = 8;
    public const int MtimeSeconds = 1;
    public const int MtimeNanoseconds = 2;
}
