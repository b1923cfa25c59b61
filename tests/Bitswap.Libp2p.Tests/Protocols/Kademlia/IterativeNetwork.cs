using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>A network in which a lookup asks one peer after the other, each of which knows up to k others of each distance, as a routing table does.</summary>
internal sealed class IterativeNetwork
{
    private readonly Random _random;
    private readonly KademliaOptions _options;
    private readonly (KademliaKey Key, PeerId Id)[] _sorted;
    private readonly Dictionary<PeerId, (KademliaKey Key, PeerId Id)[]> _knows = [];

    public IterativeNetwork(Random random, KademliaOptions options, int size)
    {
        _random = random;
        _options = options;
        _sorted = [.. Enumerable.Range(0, size).Select(_ => KademliaPeers.Id(random)).Select(id => (KademliaKey.Of(id), id)).OrderBy(peer => peer.Item1)];
    }

    public IEnumerable<PeerId> Peers => _sorted.Select(peer => peer.Id);

    /// <summary>Looks a key up, beginning at a few peers by chance.</summary>
    public KademliaClosest Lookup(byte[] key)
    {
        KademliaKey target = KademliaKey.Of(key);
        KademliaLookup lookup = new(target, _options);
        foreach ((_, PeerId seed) in _random.GetItems(_sorted, 3))
        {
            lookup.Hear(new KademliaPeer(seed, []));
        }
        List<PeerId> waiting = [];
        while (true)
        {
            while (lookup.TryNext(out KademliaPeer? next))
            {
                waiting.Add(next.Id);
            }
            if (lookup.IsDone)
            {
                return new KademliaClosest(lookup.Closest(_options.BucketSize), lookup.HasConverged);
            }
            int at = _random.Next(waiting.Count);
            PeerId peer = waiting[at];
            waiting.RemoveAt(at);
            lookup.Answered(peer, Known(peer).OrderBy(other => other.Key.DistanceTo(target)).Take(_options.BucketSize).Select(other => new KademliaPeer(other.Id, [])));
        }
    }

    private (KademliaKey Key, PeerId Id)[] Known(PeerId peer)
    {
        if (!_knows.TryGetValue(peer, out (KademliaKey Key, PeerId Id)[]? knows))
        {
            KademliaKey key = KademliaKey.Of(peer);
            knows =
            [
                .. _sorted
                    .Where(other => other.Id != peer)
                    .GroupBy(other => key.CommonPrefixLength(other.Key))
                    .SelectMany(bucket => bucket.OrderBy(_ => _random.Next()).Take(_options.BucketSize)),
            ];
            _knows.Add(peer, knows);
        }
        return knows;
    }
}
