using Bitswap.Dag.Walk;

namespace Bitswap.Node.Networks.Http;

/// <summary>What is asked for where the CAR of a walk breaks off: a CAR of the file that it broke off in, from there on, and then of each graph that it did not come to, as long as they bring much. Thread-safe.</summary>
/// <param name="range">What the walk reads.</param>
internal sealed class CarPlan(GraphRange range)
{
    // Requests for one walk, the first among them.
    private const int MaxRequests = 256;

    // Blocks that are to be expected of each request, and that came by each, on the average; with fewer, requests for blocks are as good, and several of them are under way at once.
    private const int MinBlocks = 8;

    private readonly Lock _lock = new();
    private readonly DagCursor _cursor = new(range.Root);
    private HashSet<Multihash>? _awaited;
    private int _requests = 1;
    private int _blocks;
    private int _before;
    private long _bytes;

    /// <summary>Gets whether more is asked for than the first CAR.</summary>
    public bool IsContinued => _requests > 1;

    /// <summary>Gets how many blocks are known to come, once more is asked for than the first CAR.</summary>
    public int Awaited
    {
        get
        {
            lock (_lock)
            {
                return _awaited?.Count ?? 0;
            }
        }
    }

    /// <summary>A block came, which is verified; it is new unless it came before. It is awaited until <see cref="Came"/>.</summary>
    public void Take(in Block block)
    {
        lock (_lock)
        {
            IReadOnlyList<Cid> links = _cursor.Take(block.Cid, block.Data);
            _awaited?.UnionWith(links.Select(static link => link.Hash));
        }
    }

    /// <summary>A block that came is held, given on or of no use: it is awaited no more.</summary>
    public void Came(in Multihash hash)
    {
        lock (_lock)
        {
            _awaited?.Remove(hash);
        }
    }

    /// <summary>A block that came is of use.</summary>
    public void Count(int bytes)
    {
        lock (_lock)
        {
            _blocks++;
            _bytes += bytes;
        }
    }

    /// <summary>Returns whether the CAR that comes, or one that will be asked for after it, brings a block.</summary>
    public bool IsAwaited(in Multihash hash)
    {
        lock (_lock)
        {
            return _awaited?.Contains(hash) != false;
        }
    }

    /// <summary>Returns what a CAR is to be asked for next; null where the rest is asked for block by block.</summary>
    public GraphRange? Next()
    {
        lock (_lock)
        {
            int came = _blocks - _before;
            _before = _blocks;
            if (came == 0 || _requests >= MaxRequests || _blocks < MinBlocks * _requests)
            {
                return null;
            }

            long enough = _bytes / _blocks * MinBlocks;
            GraphRange? first = null;
            HashSet<Multihash> awaited = [];
            foreach (DagRest rest in _cursor.Rest())
            {
                if ((rest.Size == 0 || rest.Size >= enough) && RangeOf(rest) is { } part)
                {
                    first ??= part;
                    awaited.UnionWith(rest.Awaited.Select(static cid => cid.Hash));
                }
            }

            if (first is not null)
            {
                _awaited = awaited;
                _requests++;
            }

            return first;
        }
    }

    private GraphRange? RangeOf(DagRest rest)
    {
        if (range.Scope == GraphScope.All)
        {
            return rest.From is { } first ? new GraphRange(rest.Root, GraphScope.Entity) { From = first } : new GraphRange(rest.Root, GraphScope.All);
        }

        // Of a folder whose entries alone are read, what is left has no root of its own.
        if (rest.From is not { } next || !rest.Root.Equals(range.Root))
        {
            return null;
        }

        long from = Math.Max(next, range.From);
        long? count = range.Count > long.MaxValue - range.From ? null : range.Count - (from - range.From);
        return count <= 0 ? null : new GraphRange(range.Root, GraphScope.Entity) { From = from, Count = count };
    }
}
