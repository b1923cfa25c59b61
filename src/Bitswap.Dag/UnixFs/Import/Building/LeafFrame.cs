using Bitswap.Dag.Protobuf;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>
/// What stands around the bytes of a chunk in a leaf. The length of a chunk is known before it is read, so it is read right to where it
/// stands in its block, and is never copied.
/// </summary>
internal readonly struct LeafFrame
{
    /// <summary>More than any frame takes: four tags with lengths of up to 5 bytes, a mode and a time.</summary>
    public const int MaxOverhead = 64;

    private const int NodeData = 1;
    private const int EntryType = 1;
    private const int EntryData = 2;
    private const int EntrySize = 3;
    private const int EntryMode = 7;
    private const int EntryMtime = 8;
    private const int TimeSeconds = 1;
    private const int TimeNanoseconds = 2;

    private readonly UnixFsType _type;
    private readonly EntryAttributes _attributes;
    private readonly int _length;
    private readonly int _entryLength;
    private readonly bool _raw;

    /// <summary>Measures the frame of a leaf.</summary>
    /// <param name="raw">Whether there is none.</param>
    /// <param name="type">The type of the entry.</param>
    /// <param name="length">Bytes of the chunk.</param>
    /// <param name="attributes">Mode and time of a file that is this leaf alone.</param>
    public LeafFrame(bool raw, UnixFsType type, int length, EntryAttributes attributes)
    {
        _raw = raw;
        _type = type;
        _length = length;
        _attributes = attributes;
        if (raw)
        {
            BlockLength = length;
            return;
        }

        int before = 2 + (length > 0 ? 1 + ProtobufWriter.VarintLength((ulong)length) : 0);
        _entryLength = before + length + 1 + ProtobufWriter.VarintLength((ulong)length) + AttributesLength(attributes);
        DataOffset = 1 + ProtobufWriter.VarintLength((ulong)_entryLength) + before;
        BlockLength = 1 + ProtobufWriter.BytesLength(_entryLength);
    }

    /// <summary>Where in the block the chunk begins.</summary>
    public int DataOffset { get; }

    /// <summary>The bytes of the block.</summary>
    public int BlockLength { get; }

    /// <summary>Writes the frame around the chunk, which is in its place.</summary>
    public void Write(Span<byte> block)
    {
        if (_raw)
        {
            return;
        }

        var head = new ProtobufWriter(block);
        head.WriteTag(NodeData, ProtobufWireType.Bytes);
        head.WriteVarint((ulong)_entryLength);
        head.WriteTag(EntryType, ProtobufWireType.Varint);
        head.WriteVarint((ulong)_type);
        if (_length > 0)
        {
            head.WriteTag(EntryData, ProtobufWireType.Bytes);
            head.WriteVarint((ulong)_length);
        }

        var tail = new ProtobufWriter(block[(DataOffset + _length)..]);
        tail.WriteTag(EntrySize, ProtobufWireType.Varint);
        tail.WriteVarint((ulong)_length);
        if (_attributes.Mode is { } mode)
        {
            tail.WriteTag(EntryMode, ProtobufWireType.Varint);
            tail.WriteVarint(mode);
        }

        if (_attributes.Mtime is { } time)
        {
            tail.WriteTag(EntryMtime, ProtobufWireType.Bytes);
            tail.WriteVarint((ulong)TimeLength(time));
            tail.WriteTag(TimeSeconds, ProtobufWireType.Varint);
            tail.WriteVarint((ulong)time.Seconds);
            if (time.Nanoseconds is { } nanoseconds)
            {
                tail.WriteTag(TimeNanoseconds, ProtobufWireType.Fixed32);
                tail.WriteFixed32(nanoseconds);
            }
        }
    }

    private static int AttributesLength(EntryAttributes attributes) =>
        (attributes.Mode is { } mode ? 1 + ProtobufWriter.VarintLength(mode) : 0)
        + (attributes.Mtime is { } time ? 1 + ProtobufWriter.BytesLength(TimeLength(time)) : 0);

    private static int TimeLength(UnixFsTime time) =>
        1 + ProtobufWriter.VarintLength((ulong)time.Seconds) + (time.Nanoseconds is null ? 0 : 1 + sizeof(uint));
}
