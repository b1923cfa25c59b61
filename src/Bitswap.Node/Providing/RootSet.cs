namespace Bitswap.Node.Providing;

/// <summary>Remembers the roots of what was added or imported since a node was started, so many that memory is bounded. Thread-safe.</summary>
internal sealed class RootSet
{
    /// <summary>How many are remembered; of more, the first. A root that is to stay is pinned.</summary>
    public const int MaxRoots = 65_536;

    private readonly Lock _lock = new();
    private readonly Dictionary<Multihash, Cid> _roots = [];

    /// <summary>Remembers a root, where there is room.</summary>
    public void Add(Cid root)
    {
        lock (_lock)
        {
            if (_roots.Count < MaxRoots)
            {
                _roots.TryAdd(root.Hash, root);
            }
        }
    }

    /// <summary>Returns them.</summary>
    public IReadOnlyList<Cid> List()
    {
        lock (_lock)
        {
            return [.. _roots.Values];
        }
    }
}
