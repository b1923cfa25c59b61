using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>
/// A DHT of a thousand peers that are numbers: each knows up to k others of each distance and answers with the k that are closest. Answers
/// take their time on a clock of their own, and the dead never answer.
/// </summary>
internal sealed class SimulatedDht
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private readonly Random _random;
    private readonly KademliaOptions _options;
    private readonly Dictionary<PeerId, KademliaKey> _peers;
    private readonly Dictionary<PeerId, PeerId[]> _knows = [];
    private readonly HashSet<PeerId> _dead;
    private readonly HashSet<PeerId> _records = [];

    public SimulatedDht(Random random, KademliaOptions options, int size = 1000, double dead = 0)
    {
        _random = random;
        _options = options;
        Peers = [.. Enumerable.Range(0, size).Select(_ => KademliaPeers.Id(random))];
        _dead = [.. Peers.Where(_ => random.NextDouble() < dead)];
        _peers = Peers.ToDictionary(id => id, KademliaKey.Of);
        Self = KademliaPeers.Id(random);
        Target = KademliaKey.Of(random.Bytes(34));
    }

    public PeerId[] Peers { get; }

    public PeerId Self { get; }

    public KademliaKey Target { get; }

    public FakeTimeProvider Clock { get; } = new();

    /// <summary>How many answers it took, one after the other, to learn of the farthest-fetched of the peers that answered.</summary>
    public int Rounds { get; private set; }

    /// <summary>The most that were waited for at one time.</summary>
    public int MostWaiting { get; private set; }

    /// <summary>Who said that it has the record.</summary>
    public HashSet<PeerId> Providing { get; } = [];

    /// <summary>Gets or sets what a peer answers instead of the truth.</summary>
    public Func<PeerId, IEnumerable<PeerId>?> Lie { get; set; } = _ => null;

    /// <summary>Those closest to the target.</summary>
    public PeerId[] Closest(int count) => [.. _peers.OrderBy(peer => peer.Value.DistanceTo(Target)).Take(count).Select(peer => peer.Key)];

    public bool IsDead(PeerId peer) => _dead.Contains(peer);

    /// <summary>Puts a record where a provider puts it: with the k closest.</summary>
    public void Provide() => _records.UnionWith(Closest(_options.BucketSize));

    /// <summary>Runs a lookup to its end.</summary>
    public KademliaLookup Run(params PeerId[] seeds)
    {
        KademliaLookup lookup = new(Target, _options, Self);
        Dictionary<PeerId, int> depths = [];
        PriorityQueue<PeerId, DateTimeOffset> answers = new();
        foreach (PeerId seed in seeds)
        {
            lookup.Hear(new KademliaPeer(seed, []));
            depths.TryAdd(seed, 1);
        }
        while (true)
        {
            while (lookup.TryNext(out KademliaPeer? next))
            {
                TimeSpan latency = IsDead(next.Id) || !(_peers.ContainsKey(next.Id) || Lie(next.Id) is not null)
                    ? _timeout
                    : TimeSpan.FromMilliseconds(_random.Next(1, 400));
                answers.Enqueue(next.Id, Clock.GetUtcNow() + latency);
            }
            MostWaiting = Math.Max(MostWaiting, lookup.WaitingCount);
            if (lookup.IsDone)
            {
                return lookup;
            }
            Assert.True(answers.TryDequeue(out PeerId? peer, out DateTimeOffset at), "it waits for no peer and is not done");
            Clock.SetUtcNow(at > Clock.GetUtcNow() ? at : Clock.GetUtcNow());
            Answer(lookup, peer, depths);
        }
    }

    private void Answer(KademliaLookup lookup, PeerId peer, Dictionary<PeerId, int> depths)
    {
        IEnumerable<PeerId>? told = IsDead(peer) ? null : Lie(peer) ?? Truth(peer);
        if (told is null)
        {
            lookup.Failed(peer);
            return;
        }
        Rounds = Math.Max(Rounds, depths[peer]);
        if (_records.Contains(peer))
        {
            Providing.Add(peer);
        }
        PeerId[] closer = [.. told];
        foreach (PeerId other in closer)
        {
            depths.TryAdd(other, depths[peer] + 1);
        }
        lookup.Answered(peer, closer.Select(id => new KademliaPeer(id, [])));
    }

    private IEnumerable<PeerId>? Truth(PeerId peer)
    {
        if (!_peers.TryGetValue(peer, out KademliaKey key))
        {
            return null;
        }
        if (!_knows.TryGetValue(peer, out PeerId[]? knows))
        {
            knows =
            [
                .. _peers
                    .Where(other => other.Key != peer)
                    .GroupBy(other => key.CommonPrefixLength(other.Value))
                    .SelectMany(bucket => _random.GetItems(bucket.ToArray(), _options.BucketSize))
                    .Select(other => other.Key)
                    .Distinct(),
            ];
            _knows.Add(peer, knows);
        }
        return knows.OrderBy(other => _peers[other].DistanceTo(Target)).Take(_options.BucketSize);
    }
}
