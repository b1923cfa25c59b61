using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Node.Networks.Http;

/// <summary>The graphs that callers walk, by their roots. Thread-safe.</summary>
internal sealed class GraphWalks
{
    /// <summary>CARs that come at once, of all gateways together: each may hold much in memory.</summary>
    public const int MaxCars = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<Multihash, List<GraphWalk>> _walks = [];
    private int _cars;

    /// <summary>Begins one; it ends when it is disposed.</summary>
    public GraphWalk Begin(GraphRange range)
    {
        GraphWalk walk = new(range, Forget);
        lock (_lock)
        {
            if (!_walks.TryGetValue(range.Root.Hash, out List<GraphWalk>? same))
            {
                _walks.Add(range.Root.Hash, same = []);
            }

            same.Add(walk);
        }

        return walk;
    }

    /// <summary>Takes the walk that begins with a block, and a place for its CAR, which is given back by <see cref="Done"/>; each walk is taken once.</summary>
    public bool TryTake(in Multihash root, [NotNullWhen(true)] out GraphWalk? walk)
    {
        lock (_lock)
        {
            walk = _cars < MaxCars && _walks.TryGetValue(root, out List<GraphWalk>? same) ? same.Find(static one => one.TryTake()) : null;
            _cars += walk is null ? 0 : 1;
            return walk is not null;
        }
    }

    /// <summary>Returns whether a walk begins with a block, so that it is worth trying to take it.</summary>
    public bool Begins(in Multihash root)
    {
        lock (_lock)
        {
            return _walks.ContainsKey(root);
        }
    }

    /// <summary>A CAR holds nothing any more.</summary>
    public void Done()
    {
        lock (_lock)
        {
            _cars--;
        }
    }

    private void Forget(GraphWalk walk)
    {
        lock (_lock)
        {
            if (_walks.TryGetValue(walk.Range.Root.Hash, out List<GraphWalk>? same) && same.Remove(walk) && same.Count == 0)
            {
                _walks.Remove(walk.Range.Root.Hash);
            }
        }
    }
}

/// <summary>One caller's walk over a graph: what it asks for now, which tells the blocks of a CAR that are wanted from those that are not yet. Thread-safe.</summary>
/// <param name="range">What is read.</param>
/// <param name="ended">Told that it is over.</param>
internal sealed class GraphWalk(GraphRange range, Action<GraphWalk> ended) : IGraphWalk
{
    // With each: whether it is on the wantlist already.
    private readonly ConcurrentDictionary<Multihash, bool> _asked = new();
    private readonly CancellationTokenSource _ended = new();
    private volatile CarHold? _hold;
    private bool _isTaken;

    /// <summary>Gets what is read.</summary>
    public GraphRange Range => range;

    /// <summary>Gets what is cancelled when the walk is over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Takes it for a CAR, where it waits for its root; under the lock of its table.</summary>
    public bool TryTake() => !_isTaken && IsAsking(range.Root.Hash) && (_isTaken = true);

    /// <summary>Tells the holder of a CAR's blocks what comes from elsewhere.</summary>
    public void Tell(CarHold? hold) => _hold = hold;

    /// <summary>Returns whether the walk asks for a block.</summary>
    public bool IsAsking(in Multihash hash) => _asked.ContainsKey(hash);

    /// <summary>Returns whether a block is on the wantlist, so that it is wanted from any peer.</summary>
    public bool IsAsked(in Multihash hash) => _asked.TryGetValue(hash, out bool isAsked) && isAsked;

    /// <inheritdoc/>
    public void Asking(Cid cid) => _asked.TryAdd(cid.Hash, false);

    /// <inheritdoc/>
    public void Asked(Cid cid) => _asked.TryUpdate(cid.Hash, true, false);

    /// <inheritdoc/>
    public void Over(Cid cid, bool came)
    {
        _asked.TryRemove(cid.Hash, out _);
        if (came)
        {
            _hold?.Came(cid.Hash);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ended(this);
        _ended.Cancel();
    }
}
