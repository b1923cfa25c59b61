namespace Bitswap.Protocol.Core;

/// <summary>The order of a <see cref="LazyHeap{T}"/>: lower rank, then higher priority, then first come.</summary>
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
