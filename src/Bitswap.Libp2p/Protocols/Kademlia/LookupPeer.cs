using System.Net;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Represents a peer that a <see cref="KademliaLookup"/> knows, with what each of its paths was told of it.</summary>
internal sealed class LookupPeer(PeerId id, KademliaKey distance, int paths)
{
    // the peer itself, and once more at other addresses: or else one who tells wrong addresses first would keep a peer from being found
    private const int MaxAttempts = 2;

    private readonly KademliaPeer?[] _told = new KademliaPeer?[paths];
    private readonly IPNetwork[]?[] _networks = new IPNetwork[]?[paths];
    private readonly int[] _attempts = new int[paths];

    // where it was not reached
    private HashSet<Multiaddr>? _tried;

    /// <summary>Gets who it is.</summary>
    public PeerId Id { get; } = id;

    /// <summary>Gets how far it is from what is looked for.</summary>
    public KademliaKey Distance { get; } = distance;

    /// <summary>Gets what became of it.</summary>
    public LookupState State { get; private set; }

    /// <summary>Gets the path that asks it, or has its answer.</summary>
    public LookupPath? Owner { get; private set; }

    /// <summary>Gets whether no path knows it.</summary>
    public bool IsForgotten => Array.TrueForAll(_told, told => told is null);

    /// <summary>Returns what a path was told of it; null for nothing.</summary>
    public KademliaPeer? ToldTo(LookupPath path) => _told[path.Index];

    /// <summary>Returns the networks that it is of, as a path was told.</summary>
    public IPNetwork[] NetworksOf(LookupPath path) => _networks[path.Index] ??= NetworkShares.Of(_told[path.Index]?.Addresses ?? []);

    /// <summary>Returns whether a path may ask it: no path does or has its answer, and where one did in vain, this one knows another address.</summary>
    public bool IsCandidateOf(LookupPath path) =>
        State == LookupState.Heard && _told[path.Index] is { } told && _attempts[path.Index] < MaxAttempts
        && (_tried is null || told.Addresses.Any(address => !_tried.Contains(address)));

    /// <summary>Takes in what a path is told of it.</summary>
    /// <returns>Whether it was news.</returns>
    public bool Hear(LookupPath path, KademliaPeer told, int maxAddresses)
    {
        if (_told[path.Index] is not { } known)
        {
            _told[path.Index] = Bounded(told, maxAddresses);
            return true;
        }
        if (State != LookupState.Heard || _attempts[path.Index] >= MaxAttempts)
        {
            return false;
        }
        Multiaddr[] news = [.. told.Addresses.Except(known.Addresses)];
        if (news.Length == 0)
        {
            return false;
        }
        // room for the new is made by what was tried in vain
        IEnumerable<Multiaddr> kept = _tried is null ? known.Addresses : known.Addresses.Where(address => !_tried.Contains(address));
        _told[path.Index] = Bounded(
            known with { Addresses = [.. kept, .. news], Source = known.Source > told.Source ? known.Source : told.Source }, maxAddresses);
        _networks[path.Index] = null;
        return true;
    }

    /// <summary>Notes that a path forgets it.</summary>
    public void Forget(LookupPath path)
    {
        _told[path.Index] = null;
        _networks[path.Index] = null;
    }

    /// <summary>Notes that a path asks it.</summary>
    /// <returns>Who, and where it was not tried yet.</returns>
    public KademliaPeer Ask(LookupPath path)
    {
        State = LookupState.Asked;
        Owner = path;
        _attempts[path.Index]++;
        KademliaPeer told = _told[path.Index]!;
        return _tried is null ? told : told with { Addresses = [.. told.Addresses.Where(address => !_tried.Contains(address))] };
    }

    /// <summary>Notes that it answered.</summary>
    public void Answered() => State = LookupState.Answered;

    /// <summary>Notes that it was not reached, or gave no answer of use.</summary>
    public void Failed()
    {
        (_tried ??= []).UnionWith(_told[Owner!.Index]!.Addresses);
        State = LookupState.Heard;
        Owner = null;
    }

    /// <summary>Returns who and where it is, by the path that has its answer, or by all.</summary>
    public KademliaPeer Describe(int maxAddresses)
    {
        if (Owner is { } owner)
        {
            return _told[owner.Index]!;
        }
        KademliaPeer[] told = [.. _told.OfType<KademliaPeer>()];
        return told.Length == 1
            ? told[0]
            : new KademliaPeer(Id, [.. told.SelectMany(peer => peer.Addresses).Distinct().Take(maxAddresses)]) { Source = told.Max(peer => peer.Source) };
    }

    private static KademliaPeer Bounded(KademliaPeer peer, int maxAddresses) =>
        peer.Addresses.Count <= maxAddresses ? peer : peer with { Addresses = [.. peer.Addresses.Take(maxAddresses)] };
}

/// <summary>Specifies what became of a peer in a <see cref="KademliaLookup"/>.</summary>
internal enum LookupState
{
    /// <summary>Told of, and not asked, or in vain.</summary>
    Heard,

    /// <summary>Asked, and an answer is waited for.</summary>
    Asked,

    /// <summary>It answered.</summary>
    Answered,
}

/// <summary>Represents one path of a <see cref="KademliaLookup"/>: it goes by what its own peers told, and asks none that another path asks.</summary>
internal sealed class LookupPath(int index, int maxPeersPerNetwork)
{
    /// <summary>Gets its number, from zero.</summary>
    public int Index { get; } = index;

    /// <summary>Gets what it asks, or has asked, by network.</summary>
    public NetworkShares Networks { get; } = new(maxPeersPerNetwork);

    /// <summary>Gets or sets the peers that it keeps in mind.</summary>
    public int KnownCount { get; set; }

    /// <summary>Gets or sets whether it was ever told of a peer.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Gets or sets the peers that it asked so far.</summary>
    public int AskedCount { get; set; }

    /// <summary>Gets or sets those of them that neither answered nor failed yet.</summary>
    public int WaitingCount { get; set; }

    /// <summary>Gets or sets how far the farthest of its beta closest is; null until they have answered.</summary>
    public KademliaKey? Reached { get; set; }

    /// <summary>Gets whether the beta closest of those that are its own have answered.</summary>
    public bool HasConverged => Reached is not null;
}

/// <summary>Specifies how far a path of a <see cref="KademliaLookup"/> has come.</summary>
internal enum PathState
{
    /// <summary>It has peers to ask, or answers to wait for.</summary>
    Open,

    /// <summary>The beta closest of its own that answered are closer than all that it could ask; an answer of a closer one is waited for.</summary>
    Settled,

    /// <summary>Its beta closest have answered.</summary>
    Converged,

    /// <summary>It has no peer left to ask.</summary>
    Dry,
}
