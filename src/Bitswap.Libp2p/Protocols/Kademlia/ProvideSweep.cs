using System.Buffers.Binary;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents one pass over sorted keys, without input, output or clock: what is to be looked up next, and which peers are told of which keys. Many keys share a lookup, as in the
/// sweeping provider of go-libp2p-kad-dht (provider/provider.go, provider/internal/keyspace).
/// </summary>
/// <remarks>
/// The lookup of a key gives the k peers closest to it. With the bits that the key has in common with the farthest of them begins a branch of the space of keys that holds all k of these
/// peers, and with one bit more a branch of whose peers none is missing among them. The rest of the wider branch is looked up in the same way, until all its peers are known:
/// k or more, so that the k closest to each key in the branch are among them, and no key there needs a lookup of its own. Where only a few keys are left in the branch, each is looked up by itself. So
/// is a key whose branch takes too many lookups, or one that did not come to its end. Fewer than k peers at the end of a lookup are the whole network.
/// </remarks>
public sealed class ProvideSweep
{
    /// <summary>Keys of one region; of a branch with more, several regions come one after the other, at no lookup more. It bounds what is under way.</summary>
    public const int MaxKeysPerRegion = 4096;

    // one key behind the first in a branch is cheaper to look up by itself than the rest of the branch, which takes one or two lookups
    private const int FewKeys = 2;

    // two or three are usual; who makes up many ids in one place does not hold up the pass
    private const int MaxLookupsPerBranch = 16;

    // to make a key with so many given first bits takes two to that power hashes on the average; the largest networks need 12 to 15
    private const int MaxMadeBits = 17;

    private const int Sha256Length = 34;

    private readonly ProvideKeys _keys;
    private readonly int _bucketSize;
    private readonly int _stop;
    private readonly ulong _limit;
    private readonly Dictionary<PeerId, SweepPeer> _peers = [];
    private readonly Stack<KeyPrefix> _unknown = [];
    private readonly ulong _seed;
    private int _next;

    // the branch whose peers are being looked for, and the closest peers of its first key
    private KeyPrefix? _branch;
    private SweepPeer[] _closest = [];
    private int _branchLookups;

    // one that took too many lookups
    private KeyPrefix? _costly;

    // the branch whose peers are all known
    private KeyPrefix? _known;
    private byte[]? _target;

    /// <summary>Begins a pass over some of the keys.</summary>
    /// <param name="keys">The keys, sorted. None is added while the pass goes on.</param>
    /// <param name="bucketSize">How many peers keep a record, the specification's k; 1 or more.</param>
    /// <param name="start">The first place in the space of keys, by the first 64 bits.</param>
    /// <param name="end">The last place.</param>
    /// <param name="limit">A place at the end or behind it: keys up to it are told as well where they are in the same branch as one before the end.</param>
    /// <param name="seed">What keys are made of that are looked up for their place alone.</param>
    public ProvideSweep(ProvideKeys keys, int bucketSize, ulong start = 0, ulong end = ulong.MaxValue, ulong limit = ulong.MaxValue, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfLessThan(bucketSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, end);
        _keys = keys;
        _bucketSize = bucketSize;
        _next = keys.FirstAt(start);
        _stop = keys.FirstAfter(end);
        _limit = limit;
        _seed = seed;
        CoveredTo = end;
        Advance();
    }

    /// <summary>Gets the key to look up next; null while a region is there to take, and at the end.</summary>
    public ReadOnlyMemory<byte>? Target => _target is { } target ? new ReadOnlyMemory<byte>(target) : default(ReadOnlyMemory<byte>?);

    /// <summary>Gets whether all keys were told, or given up.</summary>
    public bool IsDone => _target is null && _known is null;

    /// <summary>Gets the place up to which every key is told once the pass is done: the end it was given, or behind it.</summary>
    public ulong CoveredTo { get; private set; }

    /// <summary>Takes what the lookup of <see cref="Target"/> found.</summary>
    /// <param name="found">The closest peers, at most k of them, the closest first.</param>
    /// <param name="isComplete">Whether the lookup came to its end, so that no closer peer that answers is missing.</param>
    /// <exception cref="InvalidOperationException">Nothing is being looked up.</exception>
    public void Learn(IReadOnlyList<KademliaPeer> found, bool isComplete)
    {
        ArgumentNullException.ThrowIfNull(found);
        byte[] target = _target ?? throw new InvalidOperationException("Nothing is being looked up.");
        _target = null;
        SweepPeer[] closest = [.. found.Take(_bucketSize).Select(peer => new SweepPeer(peer, KademliaKey.Of(peer.Id)))];
        if (_branch is null)
        {
            Begin(KademliaKey.Of(target), closest, isComplete);
        }
        else
        {
            Explore(KademliaKey.Of(target), closest, isComplete);
        }
    }

    /// <summary>Gives up the keys that the failed lookup of <see cref="Target"/> was for: the next one.</summary>
    /// <returns>It.</returns>
    /// <exception cref="InvalidOperationException">Nothing is being looked up.</exception>
    public byte[] Skip()
    {
        if (_target is null)
        {
            throw new InvalidOperationException("Nothing is being looked up.");
        }
        byte[] skipped = _keys.KeyAt(_next);
        _target = null;
        EndBranch();
        _next++;
        Advance();
        return skipped;
    }

    /// <summary>Takes the next region: keys, and whom each is told to.</summary>
    /// <returns>It; null where a lookup has to come first, and at the end.</returns>
    public SweepRegion? TryTake()
    {
        if (_known is not { } known)
        {
            return null;
        }
        int behind = FirstBehind(known);
        SweepRegion region = Region(Math.Min(behind, _next + MaxKeysPerRegion), [.. _peers.Values]);
        if (_next >= behind)
        {
            CoveredTo = Math.Max(CoveredTo, Math.Min(known.End, _limit));
            EndBranch();
            Advance();
        }
        return region;
    }

    private void Begin(KademliaKey key, SweepPeer[] closest, bool isComplete)
    {
        _peers.Clear();
        foreach (SweepPeer peer in closest)
        {
            _peers[peer.Peer.Id] = peer;
        }
        if (!isComplete || closest.Length == 0)
        {
            TakeAlone();
            return;
        }
        if (closest.Length < _bucketSize)
        {
            _known = KeyPrefix.All;
            return;
        }
        int common = Common(key, closest);
        if (common >= KeyPrefix.MaxLength || _costly?.Contains(key.First) == true)
        {
            TakeAlone();
            return;
        }
        KeyPrefix branch = KeyPrefix.Of(key.First, common);
        if (FirstBehind(branch) - _next <= FewKeys)
        {
            TakeAlone();
            return;
        }
        _branch = branch;
        _closest = closest;
        _branchLookups = 1;
        _unknown.Push(KeyPrefix.Of(key.First, common + 1).Sibling);
        LookFurther();
    }

    private void Explore(KademliaKey key, SweepPeer[] closest, bool isComplete)
    {
        KeyPrefix branch = _branch!.Value;
        KeyPrefix asked = _unknown.Pop();
        _branchLookups++;
        if (!isComplete || closest.Length < _bucketSize)
        {
            GiveUpBranch();
            return;
        }
        foreach (SweepPeer peer in closest)
        {
            if (branch.Contains(peer.Key.First))
            {
                _peers[peer.Peer.Id] = peer;
            }
        }
        for (int length = asked.Length + 1; length <= Math.Min(Common(key, closest) + 1, KeyPrefix.MaxLength); length++)
        {
            _unknown.Push(KeyPrefix.Of(key.First, length).Sibling);
        }
        LookFurther();
    }

    private void LookFurther()
    {
        if (_unknown.Count == 0)
        {
            _known = _branch;
            return;
        }
        if (_branchLookups >= Math.Min(MaxLookupsPerBranch, FirstBehind(_branch!.Value) - _next) || TargetIn(_unknown.Peek()) is not { } target)
        {
            GiveUpBranch();
            return;
        }
        _target = target;
    }

    private void GiveUpBranch()
    {
        _costly = _branch;
        _peers.Clear();
        foreach (SweepPeer peer in _closest)
        {
            _peers[peer.Peer.Id] = peer;
        }
        TakeAlone();
    }

    // the next key is known by its place: more than one at it would be a wonder, and does no harm
    private void TakeAlone() => _known = new KeyPrefix(_keys.PlaceAt(_next), KeyPrefix.MaxLength);

    private int FirstBehind(KeyPrefix branch) => _keys.FirstAfter(Math.Min(branch.End, _limit));

    private void EndBranch()
    {
        _branch = null;
        _known = null;
        _unknown.Clear();
    }

    private void Advance() => _target = _next < _stop ? _keys.KeyAt(_next) : null;

    private static int Common(KademliaKey key, SweepPeer[] closest) => closest.Min(peer => key.CommonPrefixLength(peer.Key));

    /// <summary>Returns a key whose place is in a branch: one to be told, or one that is made up, in the form of a multihash.</summary>
    private byte[]? TargetIn(KeyPrefix branch)
    {
        int first = Math.Max(_next, _keys.FirstAt(branch.Start));
        if (first < _keys.Count && branch.Contains(_keys.PlaceAt(first)))
        {
            return _keys.KeyAt(first);
        }
        if (branch.Length > MaxMadeBits)
        {
            return null;
        }
        byte[] made = new byte[Sha256Length];
        made[0] = 0x12;
        made[1] = Sha256Length - 2;
        BinaryPrimitives.WriteUInt64BigEndian(made.AsSpan(2), _seed);
        for (ulong i = 0; i < 1UL << (branch.Length + 4); i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(made.AsSpan(10), i);
            if (branch.Contains(KademliaKey.Of(made).First))
            {
                return made;
            }
        }
        return null;
    }

    private SweepRegion Region(int behind, SweepPeer[] peers)
    {
        Dictionary<PeerId, (KademliaPeer Peer, List<int> Keys)> told = [];
        List<byte[]> keys = new(behind - _next);
        for (; _next < behind; _next++)
        {
            byte[] key = _keys.KeyAt(_next);
            KademliaKey place = KademliaKey.Of(key);
            foreach (SweepPeer peer in peers.OrderBy(peer => peer.Key.DistanceTo(place)).Take(_bucketSize))
            {
                if (!told.TryGetValue(peer.Peer.Id, out (KademliaPeer Peer, List<int> Keys) one))
                {
                    told.Add(peer.Peer.Id, one = (peer.Peer, []));
                }
                one.Keys.Add(keys.Count);
            }
            keys.Add(key);
        }
        return new SweepRegion(keys, [.. told.Values.Select(one => new SweepShare(one.Peer, one.Keys))]);
    }

    private sealed record SweepPeer(KademliaPeer Peer, KademliaKey Key);
}

/// <summary>Represents keys that are told at once, to peers that were found together.</summary>
/// <param name="Keys">The keys, multihashes in binary, at most <see cref="ProvideSweep.MaxKeysPerRegion"/>.</param>
/// <param name="Shares">Who is told of which of them; none where no peer was found.</param>
public sealed record SweepRegion(IReadOnlyList<byte[]> Keys, IReadOnlyList<SweepShare> Shares);

/// <summary>Represents what one peer is told of the keys of a <see cref="SweepRegion"/>.</summary>
/// <param name="Peer">Who, and where.</param>
/// <param name="Keys">The numbers of the keys in the region.</param>
public sealed record SweepShare(KademliaPeer Peer, IReadOnlyList<int> Keys);
