using System.Collections.Concurrent;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>
/// Represents what stands around the bytes of a chunk in a leaf. The length of a chunk is known before it is read, so it is read right to where it
/// stands in its block, and is never copied.
/// </summary>
internal readonly struct LeafFrame
{
    /// <summary>More than any frame takes: four tags with lengths of up to 5 bytes, a mode and a time.</summary>
    public const int MaxOverhead = 64;

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

        int lengthField = ProtobufWriter.VarintFieldSize((ulong)length);
        int before = ProtobufWriter.VarintFieldSize((ulong)type) + (length > 0 ? lengthField : 0);
        _entryLength = before + length + lengthField + UnixFsCodec.ModeFieldSize(attributes.Mode) + UnixFsCodec.MtimeFieldSize(attributes.Mtime);
        DataOffset = ProtobufWriter.VarintFieldSize((ulong)_entryLength) + before;
        BlockLength = checked((int)ProtobufWriter.BytesFieldSize(_entryLength));
    }

    /// <summary>Gets where in the block the chunk begins.</summary>
    public int DataOffset { get; }

    /// <summary>Gets the bytes of the block.</summary>
    public int BlockLength { get; }

    /// <summary>Writes the frame around the chunk, which is in its place.</summary>
    public void Write(Span<byte> block)
    {
        if (_raw)
        {
            return;
        }

        var head = new ProtobufWriter(block);
        head.WriteBytesHeader(DagPbFields.NodeData, _entryLength);
        head.WriteVarint(UnixFsFields.Type, (ulong)_type);
        if (_length > 0)
        {
            head.WriteBytesHeader(UnixFsFields.Data, _length);
        }

        var tail = new ProtobufWriter(block[(DataOffset + _length)..]);
        tail.WriteVarint(UnixFsFields.FileSize, (ulong)_length);
        UnixFsCodec.WriteAttributes(ref tail, _attributes.Mode, _attributes.Mtime);
    }
}

/// <summary>Represents the places for leaves that are read, hashed and written at one time, each with a buffer: what bounds the memory of an import.</summary>
internal sealed class LeafPool : IDisposable
{
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentStack<byte[]> _free = new();
    private readonly int _size;

    public LeafPool(int places, int size)
    {
        Places = places;
        _places = new SemaphoreSlim(places, places);
        _size = size;
    }

    public int Places { get; }

    public async ValueTask<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _free.TryPop(out byte[]? buffer) ? buffer : GC.AllocateUninitializedArray<byte>(_size);
    }

    public void Return(byte[] buffer)
    {
        _free.Push(buffer);
        _places.Release();
    }

    public void Dispose() => _places.Dispose();
}
