using System.Buffers;

namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// Received bytes that no reader waits for, in pooled segments. What it holds is counted by the size of the segments, so that a peer that
/// sends single bytes is charged for the memory it ties up. Not thread-safe.
/// </summary>
internal sealed class ReceiveBuffer(ReceiveBudget budget)
{
    private const int MinSegment = 4 * 1024;
    private const int MaxSegment = 64 * 1024;
    private const int SegmentsKept = 256;

    /// <summary>
    /// Of all sessions: as many segments of a size as a full window of 16 MiB holds are kept. The shared pool keeps so few arrays of this size that a
    /// fast peer would have them made anew.
    /// </summary>
    private static readonly ArrayPool<byte> _segments = ArrayPool<byte>.Create(MaxSegment, SegmentsKept);

    private readonly Queue<byte[]> _full = new();
    private byte[]? _tail;
    private int _headStart;
    private int _tailEnd;

    /// <summary>Bytes to be read.</summary>
    public int Count { get; private set; }

    /// <summary>Appends <paramref name="data"/>.</summary>
    /// <returns>False when the budget does not allow it; the buffer is then to be discarded.</returns>
    public bool TryAppend(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_tail is null || _tailEnd == _tail.Length)
            {
                if (!TryAddSegment(data.Length))
                {
                    return false;
                }
            }
            int count = Math.Min(data.Length, _tail!.Length - _tailEnd);
            data[..count].CopyTo(_tail.AsSpan(_tailEnd));
            _tailEnd += count;
            Count += count;
            data = data[count..];
        }
        return true;
    }

    /// <summary>Moves as much as fits into <paramref name="destination"/>.</summary>
    public int Read(Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && Count > 0)
        {
            bool inTail = !_full.TryPeek(out byte[]? head);
            head ??= _tail!;
            int end = inTail ? _tailEnd : head.Length;
            int count = Math.Min(destination.Length - total, end - _headStart);
            head.AsSpan(_headStart, count).CopyTo(destination[total..]);
            _headStart += count;
            total += count;
            Count -= count;
            if (_headStart == end)
            {
                Release(head);
                _headStart = 0;
                if (inTail)
                {
                    _tail = null;
                }
                else
                {
                    _full.Dequeue();
                }
            }
        }
        return total;
    }

    /// <summary>Forgets all and gives the memory back.</summary>
    public void Clear()
    {
        while (_full.TryDequeue(out byte[]? segment))
        {
            Release(segment);
        }
        if (_tail is not null)
        {
            Release(_tail);
            _tail = null;
        }
        _headStart = 0;
        Count = 0;
    }

    private bool TryAddSegment(int wanted)
    {
        byte[] segment = _segments.Rent(Math.Clamp(wanted, MinSegment, MaxSegment));
        if (!budget.TryBuffer(segment.Length))
        {
            _segments.Return(segment);
            return false;
        }
        if (_tail is not null)
        {
            _full.Enqueue(_tail);
        }
        _tail = segment;
        _tailEnd = 0;
        return true;
    }

    private void Release(byte[] segment)
    {
        budget.Unbuffer(segment.Length);
        _segments.Return(segment);
    }
}
