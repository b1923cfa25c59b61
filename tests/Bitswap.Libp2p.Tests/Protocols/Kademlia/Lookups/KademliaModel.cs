using System.Globalization;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia.Lookups;

/// <summary>
/// A DHT of as many peers as the public one has, 20 000, as a sorted array of their keys: no sockets, and a table of a peer is made when it is first asked. Each peer knows up to k
/// others of each length of a common prefix, at most two of one /16 in each, and answers with the k that are closest to a target. Addresses are spread as those of the public DHT are: some networks of
/// large hosts have hundreds of peers, most have a few.
/// </summary>
internal sealed class KademliaModel
{
    /// <summary>The peers of the public DHT, roughly.</summary>
    public const int PublicSize = 20_000;

    // of the peers, how many are in the networks of large hosts, and how many such networks there are: 1 % of all peers in each
    private const double HostedShare = 0.4;
    private const int HostedNetworks = 40;

    // go, amino.DefaultMaxPeersPerIPGroupPerCpl
    private const int MaxOfNetwork = 2;

    private readonly int _bucketSize;
    private readonly int _seed;
    private readonly PeerId[] _ids;
    private readonly KademliaKey[] _keys;
    private readonly int[] _networks;
    private readonly KademliaPeer?[] _peers;
    private readonly int[]?[] _tables;
    private readonly Dictionary<PeerId, int> _places;

    public KademliaModel(Random random, int size = PublicSize, int bucketSize = 20)
    {
        _bucketSize = bucketSize;
        _seed = random.Next();
        (KademliaKey Key, PeerId Id)[] made = [.. Enumerable.Range(0, size).Select(_ => KademliaPeers.Id(random)).Select(id => (KademliaKey.Of(id), id))];
        Array.Sort(made, (one, other) => one.Key.CompareTo(other.Key));
        _keys = [.. made.Select(peer => peer.Key)];
        _ids = [.. made.Select(peer => peer.Id)];
        _networks = [.. Enumerable.Range(0, size).Select(_ => random.NextDouble() < HostedShare ? random.Next(HostedNetworks) : random.Next(HostedNetworks, 20_000))];
        _peers = new KademliaPeer?[size];
        _tables = new int[]?[size];
        _places = Enumerable.Range(0, size).ToDictionary(i => _ids[i]);
    }

    /// <summary>How many peers there are; each is a number below that, in the order of their keys.</summary>
    public int Size => _ids.Length;

    /// <summary>A peer, with one address of the internet.</summary>
    public KademliaPeer Peer(int peer) => _peers[peer] ??= new KademliaPeer(_ids[peer], [AddressIn(_networks[peer], peer).WithPeerId(_ids[peer])]);

    /// <summary>Where a peer is in the order of keys.</summary>
    public KademliaKey KeyOf(int peer) => _keys[peer];

    /// <summary>The number of a peer; -1 for one that is none of the model's.</summary>
    public int Find(PeerId peer) => _places.GetValueOrDefault(peer, -1);

    /// <summary>The truth: those closest to a target of whom something holds, the closest first.</summary>
    public int[] Closest(KademliaKey target, int count, Func<int, bool>? where = null)
    {
        // the peers that share the longest prefix with the target that so many share are closer than all others
        for (int bits = KademliaKey.Bits; bits >= 0; bits--)
        {
            (int first, int end) = Range(target, bits);
            if (end - first >= count || bits == 0)
            {
                int[] found = [.. Enumerable.Range(first, end - first).Where(peer => where is null || where(peer))];
                if (found.Length >= count || bits == 0)
                {
                    return [.. found.OrderBy(peer => _keys[peer].DistanceTo(target)).Take(count)];
                }
            }
        }
        return [];
    }

    /// <summary>What a peer answers to one who looks for a target: the closest that it knows.</summary>
    public IReadOnlyList<int> Answer(int peer, KademliaKey target) =>
        [.. (_tables[peer] ??= TableOf(peer)).OrderBy(other => _keys[other].DistanceTo(target)).Take(_bucketSize)];

    /// <summary>An address in a network of the model, numbered as there.</summary>
    public static Multiaddr AddressIn(int network, int host)
    {
        // 11.0.0.0 to 89.31.255.255: all of it of the internet
        string ip = string.Create(CultureInfo.InvariantCulture, $"{11 + (network / 256)}.{network % 256}.{host / 256 % 256}.{host % 256}");
        return Multiaddr.Parse($"/ip4/{ip}/tcp/4001");
    }

    // the same table whenever it is made
    private int[] TableOf(int peer)
    {
        Random random = new(HashCode.Combine(_seed, peer));
        List<int> table = [];
        (int first, int end) = (0, Size);
        for (int bits = 0; bits < KademliaKey.Bits && end - first > 1; bits++)
        {
            (int innerFirst, int innerEnd) = Range(_keys[peer], bits + 1, first, end);
            int below = innerFirst - first;
            int count = below + end - innerEnd;
            HashSet<int> drawn = [];
            Dictionary<int, int> networks = [];
            for (int taken = 0; taken < _bucketSize && drawn.Count < count;)
            {
                // of more than there is room for, some by chance
                int draw = random.Next(count);
                int other = draw < below ? first + draw : innerEnd + draw - below;
                int held = networks.GetValueOrDefault(_networks[other]);
                if (drawn.Add(draw) && held < MaxOfNetwork)
                {
                    networks[_networks[other]] = held + 1;
                    table.Add(other);
                    taken++;
                }
            }
            (first, end) = (innerFirst, innerEnd);
        }
        return [.. table];
    }

    private (int First, int End) Range(KademliaKey key, int bits) => Range(key, bits, 0, Size);

    // those within a range that share so many leading bits with a key
    private (int First, int End) Range(KademliaKey key, int bits, int from, int to) => (
        Partition(from, to, peer => Leading(_keys[peer], bits).CompareTo(Leading(key, bits)) < 0),
        Partition(from, to, peer => Leading(_keys[peer], bits).CompareTo(Leading(key, bits)) <= 0));

    private static int Partition(int low, int high, Func<int, bool> isBefore)
    {
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = isBefore(middle) ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private static KademliaKey Leading(KademliaKey key, int bits) => new(
        Leading(key.First, bits), Leading(key.Second, bits - 64), Leading(key.Third, bits - 128), Leading(key.Fourth, bits - 192));

    private static ulong Leading(ulong word, int bits) => bits <= 0 ? 0 : bits >= 64 ? word : word & ~(ulong.MaxValue >> bits);
}
