namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents the peers of the DHT that answered before, kept between queries: for each length of the prefix that they have in common with this host's key,
/// the first <see cref="KademliaOptions.BucketSize"/> that answered (libp2p specs, kad-dht/README.md, Kademlia routing table). A full bucket
/// takes no other before one of its peers failed: one that has been there for long is likely to stay, and cannot be pushed out by new names.
/// </summary>
internal sealed class RoutingTable
{
    private readonly Lock _gate = new();
    private readonly KademliaKey _self;
    private readonly int _bucketSize;
    private readonly Dictionary<PeerId, (KademliaPeer Peer, KademliaKey Key)>?[] _buckets =
        new Dictionary<PeerId, (KademliaPeer, KademliaKey)>?[KademliaKey.Bits + 1];
    private int _count;

    public RoutingTable(PeerId self, int bucketSize)
    {
        _self = KademliaKey.Of(self);
        _bucketSize = bucketSize;
    }

    /// <summary>Gets the peers in it.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Takes in a peer that answered, or its new addresses.</summary>
    /// <returns>Whether it is there now.</returns>
    public bool Add(KademliaPeer peer)
    {
        KademliaKey key = KademliaKey.Of(peer.Id);
        lock (_gate)
        {
            Dictionary<PeerId, (KademliaPeer, KademliaKey)> bucket = _buckets[_self.CommonPrefixLength(key)] ??= [];
            bool isNew = !bucket.ContainsKey(peer.Id);
            if (isNew && bucket.Count >= _bucketSize)
            {
                return false;
            }
            bucket[peer.Id] = (peer, key);
            _count += isNew ? 1 : 0;
            return true;
        }
    }

    /// <summary>Forgets a peer that failed.</summary>
    public void Remove(PeerId peer)
    {
        lock (_gate)
        {
            if (_buckets[_self.CommonPrefixLength(KademliaKey.Of(peer))]?.Remove(peer) == true)
            {
                _count--;
            }
        }
    }

    /// <summary>Returns the peers closest to a key, the closest first.</summary>
    public IReadOnlyList<KademliaPeer> Closest(KademliaKey target, int count)
    {
        lock (_gate)
        {
            return
            [
                .. _buckets
                    .Where(bucket => bucket is not null)
                    .SelectMany(bucket => bucket!.Values)
                    .OrderBy(entry => entry.Key.DistanceTo(target))
                    .Take(count)
                    .Select(entry => entry.Peer),
            ];
        }
    }
}
