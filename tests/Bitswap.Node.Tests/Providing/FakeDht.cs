using System.Collections.Concurrent;
using System.Security.Cryptography;
using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Node.Tests.Providing;

/// <summary>A DHT of peers that are numbers: lookups find the closest ones, and what each is told, and when, is kept.</summary>
internal sealed class FakeDht(TimeProvider clock, Random random, int size = 300) : IProviderTarget
{
    private readonly (byte[] Place, KademliaPeer Peer)[] _peers =
    [
        .. Enumerable.Range(0, size).Select(_ =>
        {
            byte[] id = [0x12, 0x20, .. new byte[32]];
            random.NextBytes(id.AsSpan(2));
            return (SHA256.HashData(id), new KademliaPeer(PeerId.FromBytes(id), []));
        }),
    ];

    private int _lookups;
    private int _telling;

    public ProviderSourceKind Kind => ProviderSourceKind.Dht;

    public int BucketSize => 20;

    /// <summary>The lookups so far.</summary>
    public int Lookups => Volatile.Read(ref _lookups);

    /// <summary>Whether it cannot be reached.</summary>
    public bool IsDown { get; set; }

    /// <summary>Why no peer takes anything.</summary>
    public string? Refusal { get; set; }

    /// <summary>What a peer waits for before it takes something.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The most peers that were told at once.</summary>
    public int MostTelling { get; private set; }

    /// <summary>Called with each lookup.</summary>
    public Action LookingUp { get; set; } = () => { };

    /// <summary>When each key was told, by its bytes; once for each peer.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<(DateTimeOffset At, PeerId Peer)>> Told { get; } = [];

    /// <summary>How many keys were told of at some time or later.</summary>
    public int CountSince(DateTimeOffset time) => Told.Values.Count(told => told.Any(one => one.At >= time));

    /// <summary>The times at which a block was told, each once.</summary>
    public DateTimeOffset[] TimesOf(Cid cid) => Told.TryGetValue(Convert.ToHexString(cid.Hash.Bytes), out var told) ? [.. told.Select(one => one.At).Distinct()] : [];

    public IEnumerable<KademliaPeer> Closest(ReadOnlySpan<byte> key)
    {
        byte[] place = SHA256.HashData(key);
        return _peers.OrderBy(peer => Convert.ToHexString([.. peer.Place.Zip(place, (one, other) => (byte)(one ^ other))]), StringComparer.Ordinal).Take(BucketSize).Select(peer => peer.Peer);
    }

    public async ValueTask<KademliaClosest> LookupAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _lookups);
        LookingUp();
        return IsDown
            ? throw new BitswapException(NodeErrorIds.RouterUnreachable, "The DHT is away.", "Wait.", null)
            : new KademliaClosest([.. Closest(key.Span)], true);
    }

    public async Task<ToldPeer> TellAsync(KademliaPeer peer, IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        int telling = Interlocked.Increment(ref _telling);
        lock (Told)
        {
            MostTelling = Math.Max(MostTelling, telling);
        }

        try
        {
            await Gate.WaitAsync(cancellationToken);
            foreach (byte[] key in Refusal is null ? keys : [])
            {
                Told.GetOrAdd(Convert.ToHexString(key), _ => []).Enqueue((clock.GetUtcNow(), peer.Id));
            }

            return new ToldPeer(peer.Id, Refusal, false);
        }
        finally
        {
            Interlocked.Decrement(ref _telling);
        }
    }
}
