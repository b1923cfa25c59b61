namespace Bitswap.Protocol.Core;

/// <summary>Represents the last so many multihashes that were added.</summary>
internal sealed class RecentSet(int capacity)
{
    private readonly HashSet<Multihash> _set = [];
    private readonly Queue<Multihash> _order = new();

    public bool Contains(in Multihash hash) => _set.Contains(hash);

    public void Add(in Multihash hash)
    {
        if (!_set.Add(hash))
        {
            return;
        }

        _order.Enqueue(hash);
        if (_order.Count > capacity)
        {
            _set.Remove(_order.Dequeue());
        }
    }

    /// <summary>Removes one. It may leave a line in the order behind, which costs another hash its place a little early, and no more.</summary>
    public void Forget(in Multihash hash) => _set.Remove(hash);
}
