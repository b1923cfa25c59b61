namespace Bitswap.Libp2p.Tests.Support;

/// <summary>One direction of an in-memory connection: a ring of bytes that is bounded as a socket's buffer is.</summary>
internal sealed class MemoryByteQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly byte[] _ring = new byte[capacity];
    private int _start;
    private int _count;
    private bool _ended;
    private bool _broken;
    private TaskCompletionSource? _changed;

    /// <summary>The bytes that were written and not read.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (_broken)
                {
                    throw new IOException("The connection was aborted.");
                }
                if (_count > 0)
                {
                    int total = Math.Min(_count, destination.Length);
                    int first = Math.Min(total, _ring.Length - _start);
                    _ring.AsSpan(_start, first).CopyTo(destination.Span);
                    _ring.AsSpan(0, total - first).CopyTo(destination.Span[first..]);
                    _start = (_start + total) % _ring.Length;
                    _count -= total;
                    Signal();
                    return total;
                }
                if (_ended)
                {
                    return 0;
                }
                change = NextChange();
            }
            await change.WaitAsync(ct);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        while (!data.IsEmpty)
        {
            Task? change = null;
            lock (_lock)
            {
                if (_broken || _ended)
                {
                    throw new IOException("The connection was closed.");
                }
                int total = Math.Min(data.Length, _ring.Length - _count);
                if (total == 0)
                {
                    change = NextChange();
                }
                else
                {
                    int end = (_start + _count) % _ring.Length;
                    int first = Math.Min(total, _ring.Length - end);
                    data.Span[..first].CopyTo(_ring.AsSpan(end));
                    data.Span[first..total].CopyTo(_ring);
                    _count += total;
                    data = data[total..];
                    Signal();
                }
            }
            if (change is not null)
            {
                await change.WaitAsync(ct);
            }
        }
    }

    /// <summary>No more comes; what is there can be read.</summary>
    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            Signal();
        }
    }

    /// <summary>Reads and writes fail from now on.</summary>
    public void Break()
    {
        lock (_lock)
        {
            _broken = true;
            Signal();
        }
    }

    private Task NextChange() =>
        (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Signal()
    {
        _changed?.TrySetResult();
        _changed = null;
    }
}
