using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>
/// Keeps who told of itself on the local network. What one source says never takes the place of what another says, and no source has more than its share: a flood of
/// names pushes out names of the flood first, and a flood of sources those that came last.
/// </summary>
internal sealed class DiscoveredPeers(MdnsOptions options)
{
    // of one peer: that many interfaces, or hosts that say that they are it
    private const int MaxSightings = 4;

    // what others say of themselves holds no longer (RFC 6762 section 10 has 75 minutes)
    private static readonly TimeSpan _maxLifetime = TimeSpan.FromMinutes(75);

    private readonly Dictionary<PeerId, List<Sighting>> _peers = [];
    private readonly Dictionary<IPAddress, Share> _sources = [];
    private long _order;

    /// <summary>Gets how many peers are kept.</summary>
    public int Count => _peers.Count;

    /// <summary>Takes in what a source says of a peer.</summary>
    public void Add(PeerId peer, PeerSighting said, TimeSpan now)
    {
        Sighting sighting = new(said, now, now, now + (said.Lifetime < _maxLifetime ? said.Lifetime : _maxLifetime));
        if (!_peers.TryGetValue(peer, out List<Sighting>? known))
        {
            known = [];
        }
        int same = known.FindIndex(other => other.Said.Source.Equals(said.Source) && other.Said.Link.Equals(said.Link));
        if (same >= 0)
        {
            known[same] = sighting with { FirstSeen = known[same].FirstSeen };
            return;
        }
        if (known.Count >= MaxSightings)
        {
            Remove(peer, known.MinBy(other => other.LastSeen)!);
        }
        MakeRoom(said.Source, isNew: known.Count == 0, now);

        // what was removed to make room may have been the last of this peer
        if (!_peers.TryGetValue(peer, out known))
        {
            _peers.Add(peer, known = []);
        }
        known.Add(sighting);
        Share share = _sources.TryGetValue(said.Source, out Share had) ? had : new Share(0, _order++);
        _sources[said.Source] = share with { Count = share.Count + 1 };
    }

    /// <summary>Forgets what a source said under a name.</summary>
    public void Forget(LinkInterface link, IPAddress source, string name)
    {
        foreach ((PeerId peer, Sighting sighting) in All().Where(pair => pair.Sighting.Said.Link.Equals(link) && pair.Sighting.Said.Source.Equals(source)
            && string.Equals(pair.Sighting.Said.Name, name, StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            Remove(peer, sighting);
        }
    }

    /// <summary>Forgets what was heard on links that are no more.</summary>
    public void Keep(IReadOnlyCollection<LinkInterface> links)
    {
        foreach ((PeerId peer, Sighting sighting) in All().Where(pair => !links.Contains(pair.Sighting.Said.Link)).ToArray())
        {
            Remove(peer, sighting);
        }
    }

    /// <summary>Forgets what holds no more.</summary>
    public void Expire(TimeSpan now)
    {
        foreach ((PeerId peer, Sighting sighting) in All().Where(pair => pair.Sighting.Expires <= now).ToArray())
        {
            Remove(peer, sighting);
        }
    }

    /// <summary>Returns what is known of a peer; null where nothing holds.</summary>
    /// <param name="peer">Who.</param>
    /// <param name="now">The time.</param>
    /// <param name="started">When the time began.</param>
    public DiscoveredPeer? Find(PeerId peer, TimeSpan now, DateTimeOffset started) =>
        _peers.TryGetValue(peer, out List<Sighting>? known) ? Describe(peer, known, now, started) : null;

    /// <summary>Returns all whose word holds.</summary>
    public IReadOnlyList<DiscoveredPeer> Read(TimeSpan now, DateTimeOffset started) =>
        [.. _peers.Select(pair => Describe(pair.Key, pair.Value, now, started)).OfType<DiscoveredPeer>().OrderBy(peer => peer.FirstSeen)];

    private static DiscoveredPeer? Describe(PeerId peer, List<Sighting> known, TimeSpan now, DateTimeOffset started)
    {
        Sighting[] valid = [.. known.Where(sighting => sighting.Expires > now).OrderByDescending(sighting => sighting.LastSeen)];
        return valid.Length == 0 ? null : new DiscoveredPeer(
            peer,
            [.. valid.SelectMany(sighting => sighting.Said.Addresses).Distinct()],
            [.. valid.Select(sighting => sighting.Said.Link.Interface.Name).Distinct(StringComparer.Ordinal)],
            started + valid.Min(sighting => sighting.FirstSeen),
            started + valid[0].LastSeen,
            valid.Max(sighting => sighting.Said.Scope));
    }

    private void MakeRoom(IPAddress source, bool isNew, TimeSpan now)
    {
        if (_sources.GetValueOrDefault(source).Count >= options.MaxPeersPerSource || (isNew && _peers.Count >= options.MaxPeers))
        {
            Expire(now);
        }
        if (_sources.GetValueOrDefault(source).Count >= options.MaxPeersPerSource)
        {
            RemoveOldest(source);
        }
        while (isNew && _peers.Count >= options.MaxPeers)
        {
            // what comes counts; of those with as many, the one that came last gives way
            RemoveOldest(_sources.MaxBy(pair => (pair.Value.Count + (pair.Key.Equals(source) ? 1 : 0), pair.Value.Order)).Key);
        }
    }

    private void RemoveOldest(IPAddress source)
    {
        (PeerId peer, Sighting oldest) = All().Where(pair => pair.Sighting.Said.Source.Equals(source)).MinBy(pair => pair.Sighting.LastSeen);
        Remove(peer, oldest);
    }

    private void Remove(PeerId peer, Sighting sighting)
    {
        List<Sighting> known = _peers[peer];
        known.Remove(sighting);
        if (known.Count == 0)
        {
            _peers.Remove(peer);
        }
        IPAddress source = sighting.Said.Source;
        Share share = _sources[source];
        if (share.Count == 1)
        {
            _sources.Remove(source);
        }
        else
        {
            _sources[source] = share with { Count = share.Count - 1 };
        }
    }

    private IEnumerable<(PeerId Peer, Sighting Sighting)> All() => _peers.SelectMany(pair => pair.Value.Select(sighting => (pair.Key, sighting)));

    // of one source: how many sightings, and its place among the sources as they came
    private readonly record struct Share(int Count, long Order);

    private sealed record Sighting(PeerSighting Said, TimeSpan FirstSeen, TimeSpan LastSeen, TimeSpan Expires);
}

/// <summary>Represents what one source says of a peer.</summary>
/// <param name="Link">Where it was heard.</param>
/// <param name="Source">Who says it: the address of a host; loopback for this machine, whichever of its addresses it has.</param>
/// <param name="Scope">How far that is.</param>
/// <param name="Name">The name of the peer in records.</param>
/// <param name="Addresses">Where the peer is.</param>
/// <param name="Lifetime">How long that holds.</param>
internal sealed record PeerSighting(LinkInterface Link, IPAddress Source, AddressScope Scope, string Name, IReadOnlyList<Multiaddr> Addresses, TimeSpan Lifetime);
