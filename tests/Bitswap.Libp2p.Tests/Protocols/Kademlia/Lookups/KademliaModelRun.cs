using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia.Lookups;

/// <summary>One lookup in a <see cref="KademliaModel"/>, on a clock of its own: answers take 10 to 400 ms, and the dead 10 s, as a dial that nothing answers does.</summary>
internal sealed class KademliaModelRun(KademliaModel model, KademliaOptions options, KademliaKey target, Random random)
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<PeerId, int> _depths = [];

    /// <summary>Gets or sets which peers never answer.</summary>
    public Func<int, bool> IsDead { get; init; } = _ => false;

    /// <summary>Gets or sets what a peer answers in place of the truth; null for the truth.</summary>
    public Func<PeerId, IReadOnlyList<KademliaPeer>?> Lie { get; init; } = _ => null;

    public FakeTimeProvider Clock { get; } = new();

    /// <summary>How many answers it took, one after the other, to learn of the farthest-fetched of those that were found: its hops.</summary>
    public int Hops { get; private set; }

    /// <summary>The most that were waited for at one time.</summary>
    public int MostWaiting { get; private set; }

    /// <summary>Those that were asked and answered.</summary>
    public HashSet<int> Reached { get; } = [];

    /// <summary>Those that it ended with.</summary>
    public IReadOnlyList<KademliaPeer> Found { get; private set; } = [];

    public KademliaLookup Lookup { get; } = new(target, options);

    public TimeSpan Elapsed => Clock.GetUtcNow() - Clock.Start;

    /// <summary>Runs it to its end, or to the time that a query has.</summary>
    public KademliaModelRun From(params IEnumerable<KademliaPeer> seeds)
    {
        foreach (KademliaPeer seed in seeds)
        {
            Lookup.Hear(seed);
            _depths.TryAdd(seed.Id, 1);
        }
        DateTimeOffset end = Clock.Start + options.QueryTimeout;
        PriorityQueue<PeerId, DateTimeOffset> answers = new();
        while (true)
        {
            while (Lookup.TryNext(out KademliaPeer? next))
            {
                answers.Enqueue(next.Id, Clock.GetUtcNow() + (Answer(next.Id) is null ? _timeout : TimeSpan.FromMilliseconds(random.Next(10, 400))));
            }
            MostWaiting = Math.Max(MostWaiting, Lookup.WaitingCount);
            if (Lookup.IsDone)
            {
                break;
            }
            Assert.True(answers.TryDequeue(out PeerId? peer, out DateTimeOffset at), "it waits for no peer and is not done");
            if (at > end)
            {
                Clock.SetUtcNow(end);
                break;
            }
            Clock.SetUtcNow(at);
            End(peer);
        }
        Found = Lookup.Closest(options.BucketSize);
        Hops = Found.Select(peer => _depths[peer.Id]).DefaultIfEmpty().Max();
        return this;
    }

    private void End(PeerId peer)
    {
        if (Answer(peer) is not { } told)
        {
            Lookup.Failed(peer);
            return;
        }
        foreach (KademliaPeer other in told)
        {
            _depths.TryAdd(other.Id, _depths[peer] + 1);
        }
        Reached.Add(model.Find(peer));
        Lookup.Answered(peer, told);
    }

    private IReadOnlyList<KademliaPeer>? Answer(PeerId peer)
    {
        if (Lie(peer) is { } lie)
        {
            return lie;
        }
        int honest = model.Find(peer);
        return honest < 0 || IsDead(honest) ? null : [.. model.Answer(honest, target).Select(model.Peer)];
    }
}
