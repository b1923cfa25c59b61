using System.Buffers;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Messages;

/// <summary>
/// Represents a message as it goes out: length prefix and message, in pieces. The data of large blocks is not copied but is a piece of its own, so it must
/// stay as it is until the frame is written; all else is in a pooled buffer that <see cref="Dispose"/> gives back.
/// </summary>
public sealed class EncodedFrame : IDisposable
{
    private byte[]? _pooled;

    internal EncodedFrame(BitswapMessage message, BitswapVersion version)
    {
        int size = MessageCodec.GetSize(message, version);
        int header = Varint.Length((ulong)size);
        long apartSize = DetachedBlocks.Size(message);
        int own = header + (int)(size - apartSize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(own);
        DetachedBlocks? apart = apartSize > 0 ? new DetachedBlocks() : null;
        Varint.Write(buffer, (ulong)size);
        MessageEncoder.Write(message, version, buffer.AsSpan(header, own - header), apart);
        _pooled = buffer;
        Bytes = apart is null ? new ReadOnlySequence<byte>(buffer, 0, own) : Join(buffer.AsMemory(0, own), header, apart);
    }

    /// <summary>Gets length prefix and message.</summary>
    public ReadOnlySequence<byte> Bytes { get; private set; }

    /// <summary>Gives the buffer back; <see cref="Bytes"/> is empty from then on.</summary>
    public void Dispose()
    {
        Bytes = default;
        if (_pooled is { } buffer)
        {
            _pooled = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static ReadOnlySequence<byte> Join(ReadOnlyMemory<byte> own, int header, DetachedBlocks apart)
    {
        FramePiece? first = null;
        FramePiece? last = null;
        int done = 0;
        foreach ((int at, ReadOnlyMemory<byte> data) in apart.Pieces)
        {
            last = new FramePiece(own[done..(header + at)], last);
            first ??= last;
            last = new FramePiece(data, last);
            done = header + at;
        }

        last = done < own.Length ? new FramePiece(own[done..], last) : last;
        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }
}

/// <summary>A piece of a frame behind others.</summary>
internal sealed class FramePiece : ReadOnlySequenceSegment<byte>
{
    public FramePiece(ReadOnlyMemory<byte> memory, FramePiece? former)
    {
        Memory = memory;
        if (former is not null)
        {
            RunningIndex = former.RunningIndex + former.Memory.Length;
            former.Next = this;
        }
    }
}

/// <summary>Represents the data of a message's large blocks, left where it is, and after how many of the other bytes each piece belongs.</summary>
internal sealed class DetachedBlocks
{
    /// <summary>Data of so many bytes costs more to copy than another piece of a frame does.</summary>
    private const int Smallest = 16 * 1024;

    private readonly List<(int At, ReadOnlyMemory<byte> Data)> _pieces = [];

    /// <summary>Gets the pieces in their order.</summary>
    public IReadOnlyList<(int At, ReadOnlyMemory<byte> Data)> Pieces => _pieces;

    /// <summary>Returns whether data is worth keeping apart.</summary>
    public static bool Takes(ReadOnlyMemory<byte> data) => data.Length >= Smallest;

    /// <summary>Returns the bytes of a message that would be kept apart.</summary>
    public static long Size(BitswapMessage message)
    {
        long size = 0;
        for (int i = 0; i < message.Blocks.Count; i++)
        {
            ReadOnlyMemory<byte> data = message.Blocks[i].Data;
            size += Takes(data) ? data.Length : 0;
        }

        return size;
    }

    /// <summary>Keeps data that belongs behind the first <paramref name="at"/> of the other bytes.</summary>
    public void Add(int at, ReadOnlyMemory<byte> data) => _pieces.Add((at, data));
}
