using System.Net;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents the peers of the DHT that answered before, kept between queries: for each length of the prefix that they have in common with this host's key,
/// the first <see cref="KademliaOptions.BucketSize"/> that answered (libp2p specs, kad-dht/README.md, Kademlia routing table). A full bucket
/// takes no other before one of its peers failed: one that has been there for long is likely to stay, and cannot be pushed out by new names. Of one network there are no more
/// than <see cref="KademliaOptions.MaxBucketPeersPerNetwork"/> in a bucket and <see cref="KademliaOptions.MaxPeersPerNetwork"/> in all, as many names as it may have.
/// Those that answered in an earlier run are kept apart until they answer in this one, or fail.
/// </summary>
internal sealed class RoutingTable
{
    private readonly Lock _gate = new();
    private readonly KademliaKey _self;
    private readonly KademliaOptions _options;
    private readonly Bucket?[] _buckets = new Bucket?[KademliaKey.Bits + 1];
    private readonly NetworkShares _networks;
    private readonly Dictionary<PeerId, KademliaContact> _remembered = [];
    private int _count;

    public RoutingTable(PeerId self, KademliaOptions options)
    {
        _self = KademliaKey.Of(self);
        _options = options;
        _networks = new NetworkShares(options.MaxPeersPerNetwork);
        foreach (KademliaContact contact in options.RememberedPeers)
        {
            // the rule may be another than in the run in which it answered
            Multiaddr[] admitted = [.. contact.Peer.Addresses.Where(address => options.Rule.Admits(address, contact.Peer.Source)).Take(options.MaxAddressesPerPeer)];
            if (admitted.Length > 0 && contact.Peer.Source != AddressScope.Nowhere && !contact.Peer.Id.Equals(self))
            {
                _remembered[contact.Peer.Id] = contact with { Peer = contact.Peer with { Addresses = admitted } };
            }
        }
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

    /// <summary>Gets all that answered, in this run or in an earlier one and were not asked since, the last to answer first.</summary>
    public IReadOnlyList<KademliaContact> Contacts
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _buckets
                        .Where(bucket => bucket is not null)
                        .SelectMany(bucket => bucket!.Peers.Values)
                        .Select(entry => entry.ToContact())
                        .Where(contact => contact.Peer.Addresses.Count > 0)
                        .Concat(_remembered.Values)
                        .OrderByDescending(contact => contact.Answered),
                ];
            }
        }
    }

    /// <summary>Takes in a peer that answered, or its new addresses.</summary>
    /// <param name="peer">Who, and where.</param>
    /// <param name="proven">The address at which it was dialled; null where it dialled this host.</param>
    /// <param name="now">When it answered.</param>
    /// <returns>Whether it is there now.</returns>
    public bool Add(KademliaPeer peer, Multiaddr? proven, DateTimeOffset now)
    {
        KademliaKey key = KademliaKey.Of(peer.Id);
        Entry added = new(peer, key, NetworkShares.Of(peer.Addresses), proven, now);
        lock (_gate)
        {
            _remembered.Remove(peer.Id);
            Bucket bucket = _buckets[_self.CommonPrefixLength(key)] ??= new Bucket(_options.MaxBucketPeersPerNetwork);
            if (bucket.Peers.GetValueOrDefault(peer.Id) is { } before)
            {
                // it has its place
                Tally(bucket, before.Networks, -1);
            }
            else if (bucket.Peers.Count >= _options.BucketSize || _networks.IsFull(added.Networks) || bucket.Networks.IsFull(added.Networks))
            {
                return false;
            }
            else
            {
                _count++;
            }
            bucket.Peers[peer.Id] = added;
            Tally(bucket, added.Networks, 1);
            return true;
        }
    }

    /// <summary>Forgets a peer that failed.</summary>
    public void Remove(PeerId peer)
    {
        lock (_gate)
        {
            _remembered.Remove(peer);
            if (_buckets[_self.CommonPrefixLength(KademliaKey.Of(peer))] is { } bucket && bucket.Peers.Remove(peer, out Entry? removed))
            {
                Tally(bucket, removed.Networks, -1);
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
                    .SelectMany(bucket => bucket!.Peers.Values)
                    .OrderBy(entry => entry.Key.DistanceTo(target))
                    .Take(count)
                    .Select(entry => entry.Peer),
            ];
        }
    }

    /// <summary>Returns those of an earlier run that are closest to a key and were not asked yet, the closest first.</summary>
    public IReadOnlyList<KademliaPeer> Remembered(KademliaKey target, int count)
    {
        lock (_gate)
        {
            return [.. _remembered.Values.OrderBy(contact => KademliaKey.Of(contact.Peer.Id).DistanceTo(target)).Take(count).Select(contact => contact.Peer)];
        }
    }

    private void Tally(Bucket bucket, IPNetwork[] networks, int change)
    {
        _networks.Count(networks, change);
        bucket.Networks.Count(networks, change);
    }

    private sealed record Entry(KademliaPeer Peer, KademliaKey Key, IPNetwork[] Networks, Multiaddr? Proven, DateTimeOffset Answered)
    {
        public KademliaContact ToContact()
        {
            IEnumerable<Multiaddr> proven = Proven is null ? [] : [Proven];
            Multiaddr[] addresses = [.. proven.Concat(Peer.Addresses.Where(address => AddressScopes.Of(address) == AddressScope.World)).Distinct()];
            // those of a peer that the caller named count as told by one who is as near
            AddressScope source = Peer.Source != AddressScope.Nowhere || addresses.Length == 0 ? Peer.Source : addresses.Min(AddressScopes.Of);
            return new KademliaContact(Peer with { Addresses = addresses, Source = source }, Answered);
        }
    }

    private sealed class Bucket(int maxPeersPerNetwork)
    {
        public Dictionary<PeerId, Entry> Peers { get; } = [];

        public NetworkShares Networks { get; } = new(maxPeersPerNetwork);
    }
}
