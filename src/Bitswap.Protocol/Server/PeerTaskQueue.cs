namespace Bitswap.Protocol.Server;

/// <summary>
/// Orders whose turn it is (boxo, scheduler.go): who was never served or waits too long; then who has less under way; then who has more waiting, up to 16;
/// then who was served longest ago. An indexed binary heap of the queues that something may be taken from.
/// </summary>
internal sealed class PeerTaskQueue
{
    private const int MaxPendingThatCounts = 16;

    private readonly List<PeerQueue> _heap = [];

    public int Count => _heap.Count;

    public PeerQueue? First => _heap.Count == 0 ? null : _heap[0];

    /// <summary>Puts the queue where it belongs now.</summary>
    public void Update(PeerQueue queue, bool eligible)
    {
        if (!eligible)
        {
            Remove(queue);
            return;
        }

        if (queue.HeapSlot < 0)
        {
            queue.HeapSlot = _heap.Count;
            _heap.Add(queue);
        }

        Up(queue.HeapSlot);
        Down(queue.HeapSlot);
    }

    public void Remove(PeerQueue queue)
    {
        int slot = queue.HeapSlot;
        if (slot < 0)
        {
            return;
        }

        queue.HeapSlot = -1;
        int last = _heap.Count - 1;
        PeerQueue moved = _heap[last];
        _heap.RemoveAt(last);
        if (slot < last)
        {
            Put(slot, moved);
            Up(slot);
            Down(moved.HeapSlot);
        }
    }

    internal static bool Before(PeerQueue a, PeerQueue b)
    {
        if (a.IsUrgent != b.IsUrgent)
        {
            return a.IsUrgent;
        }

        if (a.OutstandingBytes != b.OutstandingBytes)
        {
            return a.OutstandingBytes < b.OutstandingBytes;
        }

        int pendingOfA = Math.Min(a.ReadyCount, MaxPendingThatCounts);
        int pendingOfB = Math.Min(b.ReadyCount, MaxPendingThatCounts);
        return pendingOfA != pendingOfB ? pendingOfA > pendingOfB : a.ServedTurn < b.ServedTurn;
    }

    private void Up(int slot)
    {
        PeerQueue queue = _heap[slot];
        while (slot > 0)
        {
            int parent = (slot - 1) / 2;
            if (!Before(queue, _heap[parent]))
            {
                break;
            }

            Put(slot, _heap[parent]);
            slot = parent;
        }

        Put(slot, queue);
    }

    private void Down(int slot)
    {
        PeerQueue queue = _heap[slot];
        while (true)
        {
            int child = (2 * slot) + 1;
            if (child >= _heap.Count)
            {
                break;
            }

            if (child + 1 < _heap.Count && Before(_heap[child + 1], _heap[child]))
            {
                child++;
            }

            if (!Before(_heap[child], queue))
            {
                break;
            }

            Put(slot, _heap[child]);
            slot = child;
        }

        Put(slot, queue);
    }

    private void Put(int slot, PeerQueue queue)
    {
        _heap[slot] = queue;
        queue.HeapSlot = slot;
    }
}
