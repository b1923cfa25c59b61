namespace Bitswap.Protocol.Server;

/// <summary>
/// The wants of one peer that could give way to others, those of the lowest priority and then the newest first. It is made when first needed and kept while it is
/// of use, so that a peer over its bound pays for its own evictions one by one, however short its messages are.
/// </summary>
internal sealed class WeakestWants(PeerQueue queue)
{
    private const int SpareStale = 64;

    private PriorityQueue<ServedWant, (int Priority, long Newest)>? _order;

    /// <summary>Elements, those that are stale included.</summary>
    public int RawCount => _order?.Count ?? 0;

    /// <summary>A want can give way from now on.</summary>
    public void Note(ServedWant want)
    {
        _order?.Enqueue(want, KeyOf(want));
        Trim();
    }

    /// <summary>The want to give way first; false when none can.</summary>
    public bool TryPeek(out ServedWant? want)
    {
        _order ??= new(queue.Wants.Values.Where(MayGiveWay).Select(static held => (held, KeyOf(held))));
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
        if (RawCount > (2 * queue.Wants.Count) + SpareStale)
        {
            _order = null;
        }
    }

    public void Clear() => _order = null;

    private static bool MayGiveWay(ServedWant want) => want.Stage is ServeStage.Ready or ServeStage.Unchecked;

    private static (int Priority, long Newest) KeyOf(ServedWant want) => (want.Priority, -want.Sequence);
}
