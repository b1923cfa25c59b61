using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents one iterative lookup, without input or output: who is known, whom to ask next, and whether there is anything left to do (libp2p specs,
/// kad-dht/README.md, Peer routing).
/// </summary>
/// <remarks>
/// The closest peer that was not asked is always asked next, at most alpha at a time. Once the beta closest that did not fail have answered,
/// the search is over and those of the k closest that were not asked yet are asked too, since each of them may hold a record; what these tell of
/// still closer peers is not followed. Peers that fail are as if they had never been told of. The bounds: <see cref="KademliaOptions.MaxPeersKnown"/>,
/// of which the farthest that was not asked is forgotten first, <see cref="KademliaOptions.MaxPeersAsked"/>, and
/// <see cref="KademliaOptions.MaxAddressesPerPeer"/>.
/// </remarks>
internal sealed class KademliaLookup
{
    private readonly KademliaKey _target;
    private readonly KademliaOptions _options;
    private readonly HashSet<PeerId> _excluded;
    private readonly Dictionary<PeerId, LookupPeer> _known = [];

    // the closest first
    private readonly List<LookupPeer> _order = [];

    // the k closest, once the beta closest of them have answered
    private LookupPeer[]? _last;

    /// <summary>Begins a lookup that knows no peer.</summary>
    /// <param name="target">What is looked for.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="excluded">Peers that are never asked, such as this host itself.</param>
    public KademliaLookup(KademliaKey target, KademliaOptions options, params IEnumerable<PeerId> excluded)
    {
        _target = target;
        _options = options;
        _excluded = [.. excluded];
    }

    /// <summary>Peers asked so far.</summary>
    public int AskedCount { get; private set; }

    /// <summary>Peers asked that neither answered nor failed yet.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Peers that answered.</summary>
    public int AnsweredCount { get; private set; }

    /// <summary>Peers kept in mind.</summary>
    public int KnownCount => _order.Count;

    /// <summary>Gets whether the beta closest have answered: what is left is to ask the others of the k closest.</summary>
    public bool HasConverged => _last is not null;

    /// <summary>
    /// Gets whether nothing is left to do. Answers that are still waited for then are of no more use. A lookup that is over because it knew no peer
    /// else goes on when it is told of others.
    /// </summary>
    public bool IsDone =>
        Peek() is null && (_last is null ? WaitingCount == 0 : !Array.Exists(_last, peer => peer.State == LookupState.Asked));

    /// <summary>Tells of a peer.</summary>
    /// <returns>Whether it was news.</returns>
    public bool Hear(KademliaPeer peer)
    {
        if (_excluded.Contains(peer.Id))
        {
            return false;
        }
        if (_known.TryGetValue(peer.Id, out LookupPeer? known))
        {
            return LearnAddresses(known, peer);
        }
        LookupPeer added = new(Bounded(peer), KademliaKey.Of(peer.Id).DistanceTo(_target));
        int at = Position(added.Distance);
        if (_order.Count >= _options.MaxPeersKnown)
        {
            int farthest = _order.FindLastIndex(other => other.State == LookupState.Heard);
            if (farthest < at)
            {
                return false;
            }
            _known.Remove(_order[farthest].Peer.Id);
            _order.RemoveAt(farthest);
        }
        _order.Insert(at, added);
        _known.Add(peer.Id, added);
        return true;
    }

    /// <summary>Whom to ask now; it then counts as asked.</summary>
    /// <returns>False when no peer is to be asked before another answered or failed, or ever.</returns>
    public bool TryNext([NotNullWhen(true)] out KademliaPeer? peer)
    {
        peer = null;
        if (WaitingCount >= _options.Concurrency || Peek() is not { } next)
        {
            return false;
        }
        peer = next.Peer;
        next.State = LookupState.Asked;
        AskedCount++;
        WaitingCount++;
        return true;
    }

    /// <summary>Notes that a peer answered, and told of others.</summary>
    /// <exception cref="InvalidOperationException">It was not asked.</exception>
    public void Answered(PeerId peer, IEnumerable<KademliaPeer> closer)
    {
        End(peer, LookupState.Answered);
        AnsweredCount++;
        if (HasConverged)
        {
            return;
        }
        foreach (KademliaPeer told in closer)
        {
            Hear(told);
        }
        Converge();
    }

    /// <summary>Notes that a peer was not reached, or gave no answer of use.</summary>
    /// <exception cref="InvalidOperationException">It was not asked.</exception>
    public void Failed(PeerId peer)
    {
        End(peer, LookupState.Failed);
        if (!HasConverged)
        {
            Converge();
        }
    }

    /// <summary>Returns what is known of a peer, or null.</summary>
    public KademliaPeer? Find(PeerId peer) => _known.GetValueOrDefault(peer)?.Peer;

    /// <summary>Returns the closest peers that answered, the closest first.</summary>
    public IReadOnlyList<KademliaPeer> Closest(int count) =>
        [.. _order.Where(peer => peer.State == LookupState.Answered).Take(count).Select(peer => peer.Peer)];

    private LookupPeer? Peek()
    {
        if (AskedCount >= _options.MaxPeersAsked)
        {
            return null;
        }
        return _last is null
            ? _order.Find(peer => peer.State == LookupState.Heard)
            : Array.Find(_last, peer => peer.State == LookupState.Heard);
    }

    private void End(PeerId peer, LookupState state)
    {
        if (!_known.TryGetValue(peer, out LookupPeer? known) || known.State != LookupState.Asked)
        {
            throw new InvalidOperationException($"{peer} was not asked.");
        }
        known.State = state;
        WaitingCount--;
    }

    // fewer than beta peers in all are no search that came to its end: then all are asked, as where no peer is left
    private void Converge()
    {
        int answered = 0;
        foreach (LookupPeer peer in _order)
        {
            if (peer.State is LookupState.Heard or LookupState.Asked)
            {
                return;
            }
            if (peer.State == LookupState.Answered && ++answered == _options.Resiliency)
            {
                break;
            }
        }
        if (answered == _options.Resiliency)
        {
            _last = [.. _order.Where(peer => peer.State != LookupState.Failed).Take(_options.BucketSize)];
        }
    }

    /// <summary>
    /// More addresses of a peer that is known. One that failed is asked again at these, once: or else a peer that tells wrong addresses first
    /// would keep a peer from being found.
    /// </summary>
    private bool LearnAddresses(LookupPeer known, KademliaPeer told)
    {
        if (known.State is LookupState.Asked or LookupState.Answered || (known.State == LookupState.Failed && known.IsRetried))
        {
            return false;
        }
        Multiaddr[] news = [.. told.Addresses.Except(known.Peer.Addresses)];
        if (news.Length == 0)
        {
            return false;
        }
        if (known.State == LookupState.Failed)
        {
            known.Peer = known.Peer with { Addresses = [] };
            known.State = LookupState.Heard;
            known.IsRetried = true;
        }
        known.Peer = Bounded(known.Peer with
        {
            Addresses = [.. known.Peer.Addresses, .. news],
            Source = known.Peer.Source > told.Source ? known.Peer.Source : told.Source,
        });
        return true;
    }

    private KademliaPeer Bounded(KademliaPeer peer) => peer.Addresses.Count <= _options.MaxAddressesPerPeer
        ? peer
        : peer with { Addresses = [.. peer.Addresses.Take(_options.MaxAddressesPerPeer)] };

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

/// <summary>Represents a peer that a <see cref="KademliaLookup"/> knows.</summary>
internal sealed class LookupPeer(KademliaPeer peer, KademliaKey distance)
{
    /// <summary>Gets or sets who and where, as far as was told.</summary>
    public KademliaPeer Peer { get; set; } = peer;

    /// <summary>Gets how far it is from what is looked for.</summary>
    public KademliaKey Distance { get; } = distance;

    /// <summary>Gets or sets what became of it.</summary>
    public LookupState State { get; set; }

    /// <summary>Gets or sets whether it failed before and is asked, or was, at other addresses.</summary>
    public bool IsRetried { get; set; }
}

/// <summary>Specifies what became of a peer in a <see cref="KademliaLookup"/>.</summary>
internal enum LookupState
{
    /// <summary>Told of, not asked yet.</summary>
    Heard,

    /// <summary>Asked, and an answer is waited for.</summary>
    Asked,

    /// <summary>It answered.</summary>
    Answered,

    /// <summary>It was not reached, or gave no answer of use.</summary>
    Failed,
}
