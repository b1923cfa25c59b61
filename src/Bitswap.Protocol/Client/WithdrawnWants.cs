using System.Runtime.InteropServices;

namespace Bitswap.Protocol.Client;

/// <summary>
/// What a peer was told of and has not sent, and is wanted no more: the block may be on its way, so its coming does not count against the peer, as often as it was
/// told. The latest are remembered.
/// </summary>
internal sealed class WithdrawnWants(int capacity)
{
    private readonly Dictionary<Multihash, int> _owed = [];
    private readonly Queue<Multihash> _order = new();

    public int Count => _owed.Count;

    /// <summary>The peer was told so often of a want that is over.</summary>
    public void Add(in Multihash hash, int times)
    {
        if (times <= 0 || capacity == 0)
        {
            return;
        }

        ref int owed = ref CollectionsMarshal.GetValueRefOrAddDefault(_owed, hash, out _);
        owed += times;
        _order.Enqueue(hash);
        while (_order.Count > capacity)
        {
            // One that was added again since gives way a little early.
            _owed.Remove(_order.Dequeue());
        }
    }

    /// <summary>Whether a block that nobody wants was asked of the peer lately; each time that it was told excuses one.</summary>
    public bool TryTake(in Multihash hash)
    {
        ref int owed = ref CollectionsMarshal.GetValueRefOrNullRef(_owed, hash);
        if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref owed))
        {
            return false;
        }

        if (--owed == 0)
        {
            _owed.Remove(hash);
        }

        return true;
    }
}
