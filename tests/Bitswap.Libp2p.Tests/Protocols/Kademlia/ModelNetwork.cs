using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>A network of peers that are numbers, of which it is known who is closest to a place; and what a sweep tells them.</summary>
internal sealed class ModelNetwork
{
    private readonly (KademliaKey Key, KademliaPeer Peer)[] _peers;

    public ModelNetwork(IEnumerable<PeerId> peers) =>
        _peers = [.. peers.Select(id => (KademliaKey.Of(id), new KademliaPeer(id, []))).OrderBy(peer => peer.Item1)];

    public ModelNetwork(Random random, int size)
        : this(Enumerable.Range(0, size).Select(_ => KademliaPeers.Id(random)))
    {
    }

    /// <summary>Gets or sets what a lookup finds in the place of the truth.</summary>
    public Func<byte[], KademliaClosest>? Finds { get; set; }

    /// <summary>The lookups so far.</summary>
    public int Lookups { get; private set; }

    /// <summary>The most keys of a region.</summary>
    public int LargestRegion { get; private set; }

    /// <summary>Who was told of each key.</summary>
    public Dictionary<string, List<PeerId>> Told { get; } = [];

    /// <summary>The peers closest to a place, the closest first.</summary>
    public IEnumerable<KademliaPeer> Closest(KademliaKey place, int count)
    {
        // all that have so many bits in common with it that there are enough of them
        for (int length = 64; ; length--)
        {
            KeyPrefix branch = KeyPrefix.Of(place.First, length);
            int first = FirstAt(branch.Start);
            int behind = branch.End == ulong.MaxValue ? _peers.Length : FirstAt(branch.End + 1);
            if (behind - first >= count || length == 0)
            {
                return _peers[first..behind].OrderBy(peer => peer.Key.DistanceTo(place)).Take(count).Select(peer => peer.Peer);
            }
        }
    }

    /// <summary>Runs a sweep to its end.</summary>
    public void Run(ProvideSweep sweep, int bucketSize = 20)
    {
        while (!sweep.IsDone)
        {
            if (sweep.Target is { } target)
            {
                Assert.Null(sweep.TryTake());
                Lookups++;
                byte[] key = target.ToArray();
                KademliaClosest found = Finds?.Invoke(key) ?? new KademliaClosest([.. Closest(KademliaKey.Of(key), bucketSize)], true);
                sweep.Learn(found.Peers, found.IsComplete);
                continue;
            }
            SweepRegion region = sweep.TryTake()!;
            LargestRegion = Math.Max(LargestRegion, region.Keys.Count);
            foreach (byte[] key in region.Keys)
            {
                Assert.True(Told.TryAdd(Convert.ToHexString(key), []), "no key is told twice");
            }
            foreach (SweepShare share in region.Shares)
            {
                Assert.NotEmpty(share.Keys);
                foreach (int key in share.Keys)
                {
                    Told[Convert.ToHexString(region.Keys[key])].Add(share.Peer.Id);
                }
            }
        }
        Assert.Null(sweep.Target);
        Assert.Null(sweep.TryTake());
    }

    /// <summary>How many of those who are truly closest to each key were told of it.</summary>
    public IEnumerable<int> Hits(ProvideKeys keys, int bucketSize = 20) => Enumerable.Range(0, keys.Count).Select(keys.KeyAt).Select(
        key => Closest(KademliaKey.Of(key), bucketSize).Count(peer => Told[Convert.ToHexString(key)].Contains(peer.Id)));

    private int FirstAt(ulong place)
    {
        int low = 0;
        int high = _peers.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_peers[middle].Key.First < place)
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
