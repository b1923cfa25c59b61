using System.Buffers;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Car;

/// <summary>Reads a stream forward through one buffer and knows where it is.</summary>
internal sealed class CarInput(Stream stream) : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private const int FirstPiece = 1 << 20;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;

    /// <summary>Gets how many bytes of the stream have been read.</summary>
    public long Position { get; private set; }

    /// <summary>Gets or sets where the stream ends for the reader, whatever follows.</summary>
    public long End { get; set; } = long.MaxValue;

    /// <summary>Reads a varint; null when there is no further byte.</summary>
    /// <exception cref="CarException">It is cut short, too long or not in its shortest form.</exception>
    public async ValueTask<ulong?> ReadVarintAsync(CancellationToken cancellationToken)
    {
        long offset = Position;
        for (int wanted = 1; ; wanted++)
        {
            int there = await FillAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (there == 0 && wanted == 1)
            {
                return null;
            }

            switch (Varint.TryRead(_buffer.AsSpan(_start, Math.Min(there, wanted)), out ulong value, out int length))
            {
                case OperationStatus.Done:
                    Advance(length);
                    return value;
                case OperationStatus.NeedMoreData when there >= wanted:
                    continue;
                case OperationStatus.NeedMoreData:
                    throw new CarException("The CAR is cut short: it ends within a length", offset);
                default:
                    throw new CarException("A length is not in its shortest form, or is longer than 9 bytes", offset);
            }
        }
    }

    /// <summary>Fills memory; how many bytes of it there were.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        int buffered = Math.Min(destination.Length, Available);
        _buffer.AsSpan(_start, buffered).CopyTo(destination.Span);
        Advance(buffered);
        int read = buffered;
        while (read < destination.Length)
        {
            int wanted = (int)Math.Min(destination.Length - read, End - Position);
            int count = wanted == 0 ? 0 : await stream.ReadAsync(destination.Slice(read, wanted), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }

            read += count;
            Position += count;
        }

        return read;
    }

    /// <summary>Reads memory of a claimed length, which is allocated as it fills; null when there is less.</summary>
    public async ValueTask<byte[]?> ReadGrowingAsync(int length, CancellationToken cancellationToken)
    {
        byte[] memory = GC.AllocateUninitializedArray<byte>(Math.Min(length, FirstPiece));
        for (int filled = 0; ;)
        {
            int read = await ReadAsync(memory.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            filled += read;
            if (filled < memory.Length)
            {
                return null;
            }

            if (filled == length)
            {
                return memory;
            }

            Array.Resize(ref memory, (int)Math.Min(length, 2L * filled));
        }
    }

    /// <summary>Fills memory; none of it is given when there is less than that.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadIntoAsync(Memory<byte> destination, CancellationToken cancellationToken) =>
        await ReadAsync(destination, cancellationToken).ConfigureAwait(false) == destination.Length ? destination : default;

    /// <summary>Reads and drops bytes up to a position; false when the stream ends before it.</summary>
    public async ValueTask<bool> SkipToAsync(long position, CancellationToken cancellationToken)
    {
        while (Position < position)
        {
            if (await FillAsync(1, cancellationToken).ConfigureAwait(false) == 0)
            {
                return false;
            }

            Advance((int)Math.Min(Available, position - Position));
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        _start = _end = 0;
    }

    // What was read ahead beyond the end is not there.
    private int Available => (int)Math.Min(_end - _start, End - Position);

    private void Advance(int count)
    {
        _start += count;
        Position += count;
    }

    private async ValueTask<int> FillAsync(int wanted, CancellationToken cancellationToken)
    {
        if (_end - _start < wanted)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            while (_end < wanted)
            {
                int count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                _end += count;
            }
        }

        return Available;
    }
}
