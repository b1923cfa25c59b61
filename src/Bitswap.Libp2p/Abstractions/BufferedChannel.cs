using System.Buffers;
using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>
/// Represents a raw connection with a pooled receive buffer that its reader may look into and work in place in: Noise decrypts there.
/// The buffer starts small, grows when the other side fills it and shrinks again when little comes; a connection on which nothing comes holds none.
/// One reader and one writer at a time; they may be two tasks.
/// </summary>
internal abstract class BufferedChannel : IByteChannel, IAsyncDisposable
{
    /// <summary>The receive buffer of a quiet connection, in bytes.</summary>
    public const int MinBuffer = 16 * 1024;

    /// <summary>The receive buffer of a busy connection, in bytes: four Noise messages of the largest size, less a few bytes.</summary>
    public const int MaxBuffer = 256 * 1024;

    // a caller's buffer of at least this size is received into directly
    private const int DirectReceive = 4096;
    private const int GrowthFactor = 4;
    private const int SparseReceivesBeforeShrinking = 16;

    private const int Idle = 0;
    private const int Filling = 1;
    private const int Disposed = 2;

    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _preferredSize = MinBuffer;
    private int _sparseReceives;
    private int _state = Idle;

    /// <summary>Gets how long a wait makes the buffer small again, in milliseconds: what came before it says nothing of what comes after.</summary>
    internal long LongWait { get; init; } = 1000;

    /// <summary>Gets the bytes received and not yet consumed. Valid until the next fill or read.</summary>
    public Memory<byte> Buffered => _buffer.AsMemory(_start, _end - _start);

    /// <summary>Gets the size of the receive buffer held now, in bytes.</summary>
    public int BufferSize => _buffer?.Length ?? 0;

    /// <summary>Drops the first <paramref name="count"/> bytes of <see cref="Buffered"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _end - _start);
        _start += count;
    }

    /// <summary>Receives until <see cref="Buffered"/> holds <paramref name="atLeast"/> bytes, at most <see cref="MaxBuffer"/>.</summary>
    /// <returns>False when the other side ended before that. What had come is in <see cref="Buffered"/>, also after a cancellation.</returns>
    public ValueTask<bool> FillAsync(int atLeast, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(atLeast, MaxBuffer);
        return _end - _start >= atLeast ? new ValueTask<bool>(true) : ReceiveUntilAsync(atLeast, ct);
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        if (destination.IsEmpty)
        {
            return 0;
        }
        if (_start == _end)
        {
            if (destination.Length >= DirectReceive)
            {
                return await ReceiveAsync(destination, ct).ConfigureAwait(false);
            }
            if (!await FillAsync(1, ct).ConfigureAwait(false))
            {
                return 0;
            }
        }
        int count = Math.Min(destination.Length, _end - _start);
        Buffered.Span[..count].CopyTo(destination.Span);
        Consume(count);
        return count;
    }

    /// <summary>
    /// Writes all of <paramref name="data"/>. A write that is cancelled after it began aborts the connection: how much of it was sent is
    /// not known. One that finds <paramref name="ct"/> cancelled beforehand sends nothing and leaves the connection as it was.
    /// </summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct);

    /// <summary>Closes the connection at once; pending operations fail. May be called from any thread, any number of times.</summary>
    public abstract void Abort();

    /// <summary>Aborts, and returns the receive buffer as soon as no pending read uses it.</summary>
    public virtual ValueTask DisposeAsync()
    {
        Abort();
        // bytes that are still there may be in the hands of the reader: such a buffer is left to the garbage collector
        if (Interlocked.Exchange(ref _state, Disposed) == Idle && _start == _end)
        {
            ReturnBuffer();
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Receives at least one byte unless the other side ended (0).</summary>
    protected abstract ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken ct);

    /// <summary>Waits until there is something to receive, or the end, where that can be told without memory to receive into; else returns at once.</summary>
    protected virtual ValueTask WaitAsync(CancellationToken ct) => ValueTask.CompletedTask;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReceiveUntilAsync(int atLeast, CancellationToken ct)
    {
        int state = Interlocked.CompareExchange(ref _state, Filling, Idle);
        if (state == Disposed)
        {
            throw new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The connection is closed.");
        }
        if (state == Filling)
        {
            throw new InvalidOperationException("Two reads of one connection at the same time.");
        }
        try
        {
            while (_end - _start < atLeast)
            {
                long started = Environment.TickCount64;
                if (_start == _end && _preferredSize == MinBuffer)
                {
                    await WaitWithoutBufferAsync(ct).ConfigureAwait(false);
                }
                Memory<byte> room = MakeRoom(atLeast);
                int received = await ReceiveAsync(room, ct).ConfigureAwait(false);
                if (received == 0)
                {
                    return false;
                }
                _end += received;
                AdaptSize(received, room.Length, Environment.TickCount64 - started);
            }
            return true;
        }
        finally
        {
            if (Interlocked.CompareExchange(ref _state, Idle, Filling) == Disposed)
            {
                ReturnBuffer();
            }
        }
    }

    /// <summary>For a channel that is laid over this one and waits without memory: returns at once where something is buffered, and else waits without the buffer.</summary>
    internal ValueTask WaitForDataAsync(CancellationToken ct) => _start < _end ? ValueTask.CompletedTask : WaitWithoutBufferAsync(ct);

    private ValueTask WaitWithoutBufferAsync(CancellationToken ct)
    {
        ValueTask wait = WaitAsync(ct);
        if (!wait.IsCompleted)
        {
            ReturnBuffer();
        }
        return wait;
    }

    private Memory<byte> MakeRoom(int atLeast)
    {
        int count = _end - _start;
        int size = _buffer?.Length ?? 0;
        bool resize = size < Math.Max(atLeast, _preferredSize) || (count == 0 && size > GrowthFactor * _preferredSize);
        if (resize)
        {
            byte[] next = ArrayPool<byte>.Shared.Rent(Math.Max(atLeast, _preferredSize));
            Buffered.Span.CopyTo(next);
            if (_buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }
            _buffer = next;
            (_start, _end) = (0, count);
        }
        else if (count == 0)
        {
            (_start, _end) = (0, 0);
        }
        else if (_start > 0 && (size - _start < atLeast || size - _end < size / 4))
        {
            // what moves is the head of one message; it buys a receive of most of the buffer
            Buffered.Span.CopyTo(_buffer);
            (_start, _end) = (0, count);
        }
        return _buffer.AsMemory(_end);
    }

    private void AdaptSize(int received, int room, long waited)
    {
        if (waited >= LongWait)
        {
            _preferredSize = MinBuffer;
            _sparseReceives = 0;
        }
        else if (received == room)
        {
            _preferredSize = Math.Min(MaxBuffer, _preferredSize * GrowthFactor);
            _sparseReceives = 0;
        }
        else if (received >= _preferredSize / 8)
        {
            _sparseReceives = 0;
        }
        else if (++_sparseReceives == SparseReceivesBeforeShrinking)
        {
            _preferredSize = Math.Max(MinBuffer, _preferredSize / GrowthFactor);
            _sparseReceives = 0;
        }
    }

    private void ReturnBuffer()
    {
        byte[]? buffer = Interlocked.Exchange(ref _buffer, null);
        (_start, _end) = (0, 0);
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
