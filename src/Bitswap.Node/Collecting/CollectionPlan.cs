using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Collecting;

/// <summary>
/// Chooses which blocks a collection takes: those that were fetched before those that were added, and of each those first that were used longest ago. It holds no more than make up the bytes that are
/// to go.
/// </summary>
/// <param name="bytes">The bytes that are to go.</param>
internal sealed class CollectionPlan(long bytes)
{
    // the one that would stay longest comes out first
    private readonly PriorityQueue<CollectionCandidate, CollectionCandidate> _chosen = new(Comparer<CollectionCandidate>.Create(static (a, b) => b.CompareTo(a)));
    private long _chosenBytes;

    /// <summary>Looks at a block that may go.</summary>
    public void Add(CollectionCandidate candidate)
    {
        _chosen.Enqueue(candidate, candidate);
        _chosenBytes += candidate.Size;
        while (_chosen.TryPeek(out CollectionCandidate last, out _) && _chosenBytes - last.Size >= bytes)
        {
            _chosen.Dequeue();
            _chosenBytes -= last.Size;
        }
    }

    /// <summary>Returns what goes, in its order, and ends the plan.</summary>
    public IReadOnlyList<CollectionCandidate> Take()
    {
        CollectionCandidate[] order = new CollectionCandidate[_chosen.Count];
        for (int i = order.Length - 1; i >= 0; i--)
        {
            order[i] = _chosen.Dequeue();
        }

        return order;
    }
}

/// <summary>A block that a collection may take.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="IsAdded">Whether it was added, and not fetched.</param>
/// <param name="Use">When it was used last, as a <see cref="UseOrder"/> says.</param>
/// <param name="Written">When its file was written.</param>
internal readonly record struct CollectionCandidate(Multihash Hash, long Size, bool IsAdded, long Use, DateTime Written) : IComparable<CollectionCandidate>
{
    /// <inheritdoc/>
    public int CompareTo(CollectionCandidate other)
    {
        int order = IsAdded.CompareTo(other.IsAdded);
        order = order != 0 ? order : Use.CompareTo(other.Use);
        order = order != 0 ? order : Written.CompareTo(other.Written);
        return order != 0 ? order : Hash.CompareTo(other.Hash);
    }
}
