using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Protocol.Core;

/// <summary>
/// Represents a queue by rank, then priority (higher first), then sequence. An element leaves it early by changing its <see cref="IQueueItem.QueuedAs"/>:
/// what it leaves behind is skipped when it comes up, and swept out before it outweighs the rest.
/// </summary>
internal sealed class LazyPriorityQueue<T>
    where T : class, IQueueItem
{
    private const int SweepFrom = 64;

    private readonly PriorityQueue<T, QueueKey> _queue = new();
    private int _stale;

    /// <summary>Gets the number of elements, those that left included.</summary>
    public int RawCount => _queue.Count;

    public void Enqueue(T item, byte rank, int priority, long sequence) => _queue.Enqueue(item, new QueueKey(rank, priority, sequence));

    public bool TryPeek([NotNullWhen(true)] out T? item)
    {
        while (_queue.TryPeek(out item, out QueueKey key))
        {
            if (item.QueuedAs == key.Sequence)
            {
                return true;
            }

            _queue.Dequeue();
            _stale = Math.Max(0, _stale - 1);
        }

        return false;
    }

    /// <summary>Takes out what <see cref="TryPeek"/> just showed.</summary>
    public void Pop() => _queue.Dequeue();

    /// <summary>Notes that an element left without being popped.</summary>
    public void NoteStale()
    {
        _stale++;
        if (_stale < SweepFrom || _stale * 2 < _queue.Count)
        {
            return;
        }

        var kept = new List<(T, QueueKey)>(Math.Max(0, _queue.Count - _stale));
        foreach ((T item, QueueKey key) in _queue.UnorderedItems)
        {
            if (item.QueuedAs == key.Sequence)
            {
                kept.Add((item, key));
            }
        }

        _queue.Clear();
        _queue.EnqueueRange(kept);
        _stale = 0;
    }

    public void Clear()
    {
        _queue.Clear();
        _stale = 0;
    }
}

/// <summary>Represents an element of a <see cref="LazyPriorityQueue{T}"/>.</summary>
internal interface IQueueItem
{
    /// <summary>Gets the sequence number that it was queued under, or -1 when it is queued no more.</summary>
    long QueuedAs { get; }
}

/// <summary>Represents the order of a <see cref="LazyPriorityQueue{T}"/>: lower rank, then higher priority, then first come.</summary>
internal readonly record struct QueueKey(byte Rank, int Priority, long Sequence) : IComparable<QueueKey>
{
    public int CompareTo(QueueKey other)
    {
        if (Rank != other.Rank)
        {
            return Rank < other.Rank ? -1 : 1;
        }

        if (Priority != other.Priority)
        {
            return Priority > other.Priority ? -1 : 1;
        }

        return Sequence.CompareTo(other.Sequence);
    }
}
