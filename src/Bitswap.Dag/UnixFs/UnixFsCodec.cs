using Bitswap.Dag.Protobuf;

namespace Bitswap.Dag.UnixFs;

/// <summary>Reads and writes <see cref="UnixFsData"/>.</summary>
internal static class UnixFsCodec
{
    private const string What = "UnixFS entry";

    public static UnixFsData Decode(ReadOnlyMemory<byte> source)
    {
        var reader = new ProtobufReader(source.Span, DagErrorIds.InvalidUnixFs, What);
        UnixFsType? type = null;
        ReadOnlyMemory<byte>? data = null;
        ulong? fileSize = null;
        ulong? hashType = null;
        ulong? fanout = null;
        uint? mode = null;
        UnixFsTime? mtime = null;
        var blockSizes = new List<ulong>();
        while (reader.TryReadTag(out int field, out ProtobufWireType wire))
        {
            switch (field, wire)
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
                    throw reader.WrongType(field, wire);
                default:
                    reader.Skip(field, wire);
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
        int length = Field((ulong)entry.Type) + Field(entry.FileSize) + Field(entry.HashType) + Field(entry.Fanout) + Field(entry.Mode);
        length = entry.HasData ? checked(length + 1 + ProtobufWriter.BytesLength(entry.Data.Length)) : length;
        foreach (ulong size in entry.BlockSizes)
        {
            length = checked(length + Field(size));
        }

        return entry.Mtime is UnixFsTime time ? checked(length + 1 + ProtobufWriter.BytesLength(TimeLength(time))) : length;
    }

    public static void Write(UnixFsData entry, ref ProtobufWriter writer)
    {
        WriteField(ref writer, UnixFsFields.Type, (ulong)entry.Type);
        if (entry.HasData)
        {
            writer.WriteTag(UnixFsFields.Data, ProtobufWireType.Bytes);
            writer.WriteBytes(entry.Data.Span);
        }

        WriteField(ref writer, UnixFsFields.FileSize, entry.FileSize);
        foreach (ulong size in entry.BlockSizes)
        {
            WriteField(ref writer, UnixFsFields.BlockSizes, size);
        }

        WriteField(ref writer, UnixFsFields.HashType, entry.HashType);
        WriteField(ref writer, UnixFsFields.Fanout, entry.Fanout);
        WriteField(ref writer, UnixFsFields.Mode, entry.Mode);
        if (entry.Mtime is UnixFsTime time)
        {
            writer.WriteTag(UnixFsFields.Mtime, ProtobufWireType.Bytes);
            writer.WriteVarint((ulong)TimeLength(time));
            WriteField(ref writer, UnixFsFields.MtimeSeconds, unchecked((ulong)time.Seconds));
            if (time.Nanoseconds is uint nanoseconds)
            {
                writer.WriteTag(UnixFsFields.MtimeNanoseconds, ProtobufWireType.Fixed32);
                writer.WriteFixed32(nanoseconds);
            }
        }
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
        var reader = new ProtobufReader(packed, DagErrorIds.InvalidUnixFs, What);
        while (reader.Position < packed.Length)
        {
            sizes.Add(reader.ReadVarint());
        }
    }

    private static UnixFsTime ReadTime(ReadOnlySpan<byte> source)
    {
        var reader = new ProtobufReader(source, DagErrorIds.InvalidUnixFs, What);
        long? seconds = null;
        uint? nanoseconds = null;
        while (reader.TryReadTag(out int field, out ProtobufWireType wire))
        {
            switch (field, wire)
            {
                case (UnixFsFields.MtimeSeconds, ProtobufWireType.Varint):
                    seconds = unchecked((long)reader.ReadVarint());
                    break;
                case (UnixFsFields.MtimeNanoseconds, ProtobufWireType.Fixed32):
                    nanoseconds = reader.ReadFixed32();
                    break;
                case ( <= UnixFsFields.MtimeNanoseconds, _):
                    throw reader.WrongType(field, wire);
                default:
                    reader.Skip(field, wire);
                    break;
            }
        }

        // The specification's range is 1 to 999 999 999; a written 0 adds nothing and is read as if it were absent.
        return nanoseconds > UnixFsTime.MaxNanoseconds
            ? throw reader.Invalid($"the time has {nanoseconds} nanoseconds")
            : new UnixFsTime(seconds ?? throw reader.Invalid("the time has no seconds"), nanoseconds == 0 ? null : nanoseconds);
    }

    private static int TimeLength(UnixFsTime time) =>
        1 + ProtobufWriter.VarintLength(unchecked((ulong)time.Seconds)) + (time.Nanoseconds is null ? 0 : 1 + sizeof(uint));

    private static int Field(ulong? value) => value is ulong number ? 1 + ProtobufWriter.VarintLength(number) : 0;

    private static void WriteField(ref ProtobufWriter writer, int field, ulong? value)
    {
        if (value is ulong number)
        {
            writer.WriteTag(field, ProtobufWireType.Varint);
            writer.WriteVarint(number);
        }
    }
}
