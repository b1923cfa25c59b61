using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Orders the wants of one peer that could give way to others, those of the lowest priority and then the newest first. It is made when first needed and kept while it is
/// of use, so that a peer over its bound pays for its own evictions one by one, however short its messages are.
/// </summary>
internal sealed class EvictionOrder(Dictionary<Cid, PeerTask> wants)
{
    private const int SpareStale = 64;

    private PriorityQueue<PeerTask, (int Priority, long Newest)>? _order;

    /// <summary>Gets the number of elements, those that are stale included.</summary>
    public int RawCount => _order?.Count ?? 0;

    /// <summary>Notes that a want can give way from now on.</summary>
    public void Note(PeerTask want)
    {
        _order?.Enqueue(want, KeyOf(want));
        Trim();
    }

    /// <summary>Returns the want to give way first; false when none can.</summary>
    public bool TryPeek([NotNullWhen(true)] out PeerTask? want)
    {
        _order ??= new(wants.Values.Where(MayGiveWay).Select(static held => (held, KeyOf(held))));
        while (_order.TryPeek(out want, out (int Priority, long Newest) key))
        {
            bool mayGiveWay = MayGiveWay(want);
            if (mayGiveWay && want.Priority == key.Priority)
            {
                return true;
            }

            _order.Dequeue();
            if (mayGiveWay)
            {
                _order.Enqueue(want, KeyOf(want));
            }
        }

        return false;
    }

    /// <summary>Drops an order that holds mostly wants that are gone; it is made anew when needed.</summary>
    public void Trim()
    {
        if (RawCount > (2 * wants.Count) + SpareStale)
        {
            _order = null;
        }
    }

    public void Clear() => _order = null;

    private static bool MayGiveWay(PeerTask want) => want.State is PeerTaskState.Ready or PeerTaskState.Unchecked;

    private static (int Priority, long Newest) KeyOf(PeerTask want) => (want.Priority, -want.Sequence);
}
