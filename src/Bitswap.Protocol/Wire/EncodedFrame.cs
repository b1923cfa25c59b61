using System.Buffers;
using Bitswap.Multiformats;

namespace Bitswap.Protocol.Wire;

/// <summary>
/// A message as it goes out: length prefix and message, in pieces. The data of large blocks is not copied but is a piece of its own, so it must
/// stay as it is until the frame is written; all else is in a pooled buffer that <see cref="Dispose"/> gives back.
/// </summary>
public sealed class EncodedFrame : IDisposable
{
    private byte[]? _pooled;

    internal EncodedFrame(BitswapMessage message, BitswapVersion version)
    {
        int size = MessageCodec.GetSize(message, version);
        int header = Varint.Length((ulong)size);
        long apartSize = DataApart.Size(message);
        int own = header + (int)(size - apartSize);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(own);
        DataApart? apart = apartSize > 0 ? new DataApart() : null;
        Varint.Write(buffer, (ulong)size);
        MessageEncoder.Write(message, version, buffer.AsSpan(header, own - header), apart);
        _pooled = buffer;
        Bytes = apart is null ? new ReadOnlySequence<byte>(buffer, 0, own) : Join(buffer.AsMemory(0, own), header, apart);
    }

    /// <summary>Length prefix and message.</summary>
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

    private static ReadOnlySequence<byte> Join(ReadOnlyMemory<byte> own, int header, DataApart apart)
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
