using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents one iterative lookup, without input or output: who is known, whom to ask next, and whether there is anything left to do (libp2p specs,
/// kad-dht/README.md, Peer routing).
/// </summary>
/// <remarks>
/// It takes <see cref="KademliaOptions.DisjointPaths"/> paths (S/Kademlia, section 4.4). Peers to begin at are dealt to them in turn, and so are those that the first of them tell of
/// until each path has some; from then on a path knows what its own peers told it, and no peer is asked by two paths. Each path always asks next the closest peer that it
/// knows and no path has asked, alpha at a time in all. Of one network a path asks <see cref="KademliaOptions.MaxPeersPerNetwork"/> peers and no more before it runs out of others.
/// Once the beta closest of a path's own that did not fail have answered, its search is over, and those of its share of the k closest that were not asked yet
/// are asked too, since each of them may hold a record, and others in the place of those that fail; what these tell of still closer peers is not followed. A path that is led astray, or kept waiting, so has
/// no more than its share of those that the lookup ends with. Peers that fail are as if they had never been told of. The bounds: <see cref="KademliaOptions.MaxPeersKnown"/>,
/// of which the farthest that was not asked is forgotten first, <see cref="KademliaOptions.MaxPeersAsked"/>, both divided among the paths, and
/// <see cref="KademliaOptions.MaxAddressesPerPeer"/>.
/// </remarks>
internal sealed partial class KademliaLookup
{
    private readonly KademliaKey _target;
    private readonly KademliaOptions _options;
    private readonly HashSet<PeerId> _excluded;
    private readonly Dictionary<PeerId, LookupPeer> _known = [];
    private readonly LookupPath[] _paths;

    // the closest first
    private readonly List<LookupPeer> _order = [];
    private int _turn;

    /// <summary>Begins a lookup that knows no peer.</summary>
    /// <param name="target">What is looked for.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="excluded">Peers that are never asked, such as this host itself.</param>
    public KademliaLookup(KademliaKey target, KademliaOptions options, params IEnumerable<PeerId> excluded)
    {
        _target = target;
        _options = options;
        _excluded = [.. excluded];
        _paths = [.. Enumerable.Range(0, options.DisjointPaths).Select(index => new LookupPath(index, options.MaxPeersPerNetwork))];
    }

    /// <summary>Peers asked so far.</summary>
    public int AskedCount { get; private set; }

    /// <summary>Peers asked that neither answered nor failed yet.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Peers that answered.</summary>
    public int AnsweredCount { get; private set; }

    /// <summary>Peers kept in mind.</summary>
    public int KnownCount => _order.Count;

    /// <summary>
    /// Gets whether the search is over on all paths, and the beta closest have answered: those of one path at least, or, where none has so many, those of all together, of whom
    /// none is left that was not asked. What is left is to ask the others of the k closest.
    /// </summary>
    public bool HasConverged => Array.TrueForAll(_paths, IsOver)
        && (HasFound || (AnsweredCount >= _options.Resiliency && AskedCount < _options.MaxPeersAsked && Array.TrueForAll(_paths, MayAsk)));

    /// <summary>
    /// Gets whether nothing is left to do. Answers that are still waited for then are of no more use. A lookup that is over because it knew no peer
    /// else goes on when it is told of others.
    /// </summary>
    public bool IsDone
    {
        get
        {
            if (AskedCount >= _options.MaxPeersAsked && WaitingCount == 0)
            {
                return true;
            }
            if (!Array.TrueForAll(_paths, IsOver))
            {
                return false;
            }
            return HasFound
                ? Last().TrueForAll(last => last.Peer.State != LookupState.Asked && (last.Peer.State == LookupState.Answered || AskedCount >= _options.MaxPeersAsked))
                : WaitingCount == 0;
        }
    }

    private bool HasFound => Array.Exists(_paths, path => path.HasConverged);

    /// <summary>Tells of a peer to begin at.</summary>
    /// <returns>Whether it was news.</returns>
    public bool Hear(KademliaPeer peer)
    {
        if (_known.TryGetValue(peer.Id, out LookupPeer? known) && Array.Find(_paths, path => known.ToldTo(path) is not null) is { } knows)
        {
            return Hear(knows, peer);
        }
        return Hear(_paths[_turn++ % _paths.Length], peer);
    }

    /// <summary>Whom to ask now; it then counts as asked.</summary>
    /// <returns>False when no peer is to be asked before another answered or failed, or ever.</returns>
    public bool TryNext([NotNullWhen(true)] out KademliaPeer? peer)
    {
        peer = null;
        if (WaitingCount >= _options.Concurrency || AskedCount >= _options.MaxPeersAsked || Choose() is not { } next)
        {
            return false;
        }
        (LookupPeer chosen, LookupPath path) = next;
        path.Networks.Count(chosen.NetworksOf(path), 1);
        peer = chosen.Ask(path);
        path.AskedCount++;
        path.WaitingCount++;
        AskedCount++;
        WaitingCount++;
        return true;
    }

    /// <summary>Notes that a peer answered, and told of others.</summary>
    /// <exception cref="InvalidOperationException">It was not asked.</exception>
    public void Answered(PeerId peer, IEnumerable<KademliaPeer> closer)
    {
        LookupPeer answered = End(peer);
        answered.Answered();
        AnsweredCount++;
        LookupPath path = answered.Owner!;
        if (path.Reached is { } reached)
        {
            // others in the place of those that fail; who is closer is not followed
            closer = closer.Where(told => KademliaKey.Of(told.Id).DistanceTo(_target).CompareTo(reached) > 0);
        }
        bool isDealt = !Array.TrueForAll(_paths, other => other.HasBegun);
        foreach (KademliaPeer told in closer)
        {
            if (isDealt)
            {
                Hear(told);
            }
            else
            {
                Hear(path, told);
            }
        }
        Converge();
    }

    /// <summary>Notes that a peer was not reached, or gave no answer of use.</summary>
    /// <exception cref="InvalidOperationException">It was not asked.</exception>
    public void Failed(PeerId peer)
    {
        LookupPeer failed = End(peer);
        LookupPath path = failed.Owner!;
        path.Networks.Count(failed.NetworksOf(path), -1);
        failed.Failed();
        Converge();
    }

    /// <summary>Returns what is known of a peer, or null.</summary>
    public KademliaPeer? Find(PeerId peer) => _known.GetValueOrDefault(peer)?.Describe(_options.MaxAddressesPerPeer);

    private bool Hear(LookupPath path, KademliaPeer peer)
    {
        if (_excluded.Contains(peer.Id))
        {
            return false;
        }
        path.HasBegun = true;
        bool isKnown = _known.TryGetValue(peer.Id, out LookupPeer? known);
        known ??= new LookupPeer(peer.Id, KademliaKey.Of(peer.Id).DistanceTo(_target), _paths.Length);
        bool isNewToPath = known.ToldTo(path) is null;
        if (isNewToPath && !MakeRoom(path, known))
        {
            return false;
        }
        if (!isKnown)
        {
            _order.Insert(Position(known.Distance), known);
            _known.Add(peer.Id, known);
        }
        path.KnownCount += isNewToPath ? 1 : 0;
        return known.Hear(path, peer, _options.MaxAddressesPerPeer);
    }

    // an equal part of what may be kept in mind is each path's
    private bool MakeRoom(LookupPath path, LookupPeer added)
    {
        if (path.KnownCount < Math.Max(1, _options.MaxPeersKnown / _paths.Length))
        {
            return true;
        }
        int farthest = _order.FindLastIndex(other => other.State == LookupState.Heard && other.ToldTo(path) is not null);
        if (farthest < 0 || _order[farthest].Distance.CompareTo(added.Distance) < 0)
        {
            return false;
        }
        LookupPeer forgotten = _order[farthest];
        forgotten.Forget(path);
        path.KnownCount--;
        if (forgotten.IsForgotten)
        {
            _known.Remove(forgotten.Id);
            _order.RemoveAt(farthest);
        }
        return true;
    }

    // paths that are under way come before the rest of the closest, the one that waits for fewest first
    private (LookupPeer Peer, LookupPath Path)? Choose()
    {
        LookupPath[] open = [.. _paths.Where(path => !IsOver(path))];
        foreach (LookupPath path in open.Where(path => path.WaitingCount < Part(_options.Concurrency, open.Length)).OrderBy(path => path.WaitingCount))
        {
            if (Look(path).Next is { } next)
            {
                return (next, path);
            }
        }
        foreach ((LookupPeer Peer, LookupPath Path) last in Last())
        {
            if (last.Peer.State == LookupState.Heard)
            {
                return last;
            }
        }
        return null;
    }

    /// <summary>
    /// Looks at what a path has found and is to ask next: the closest that it may ask, one of a network that has its share when nothing else is left, and none once beta of its own
    /// have answered that are closer.
    /// </summary>
    private (LookupPeer? Next, PathState State) Look(LookupPath path)
    {
        LookupPeer? spare = null;
        bool mayAsk = MayAsk(path);
        bool isWaiting = false;
        int answered = 0;
        foreach (LookupPeer peer in _order)
        {
            if (peer.Owner == path)
            {
                if (peer.State == LookupState.Asked)
                {
                    isWaiting = true;
                }
                else if (++answered == _options.Resiliency)
                {
                    return (null, isWaiting ? PathState.Settled : PathState.Converged);
                }
            }
            else if (mayAsk && peer.IsCandidateOf(path))
            {
                if (!path.Networks.IsFull(peer.NetworksOf(path)))
                {
                    return (peer, PathState.Open);
                }
                spare ??= peer;
            }
        }

        // fewer than beta peers in all are no search that came to its end: then all are asked
        return path.WaitingCount > 0 ? (null, PathState.Open) : (spare, spare is null ? PathState.Dry : PathState.Open);
    }

    // an equal part of those that may be asked are each path's
    private bool MayAsk(LookupPath path) => path.AskedCount < Part(_options.MaxPeersAsked, _paths.Length);

    private bool IsOver(LookupPath path) => path.HasConverged || Look(path).State is PathState.Dry or PathState.Converged;

    private LookupPeer End(PeerId peer)
    {
        if (!_known.TryGetValue(peer, out LookupPeer? known) || known.State != LookupState.Asked)
        {
            throw new InvalidOperationException($"{peer} was not asked.");
        }
        known.Owner!.WaitingCount--;
        WaitingCount--;
        return known;
    }

    private void Converge()
    {
        foreach (LookupPath path in _paths)
        {
            if (!path.HasConverged && Look(path).State == PathState.Converged)
            {
                path.Reached = _order.Where(peer => peer.Owner == path && peer.State == LookupState.Answered).Take(_options.Resiliency).Last().Distance;
            }
        }
    }

    private static int Part(int whole, int parts) => (whole + parts - 1) / parts;

    private int Position(KademliaKey distance)
    {
        int low = 0;
        int high = _order.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_order[middle].Distance.CompareTo(distance) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
