namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <content>
/// The parts of telling what this host provides: <see cref="LookupAsync"/> finds the peers that are to be told, and <see cref="ProvideToAsync"/> tells one. A <see cref="ProvideSweep"/> says what is looked up for
/// many keys, and who is told of which. Peers forget it after two days (specification, "Content provider advertisement").
/// </content>
public sealed partial class KademliaClient
{
    /// <summary>Gets the specification's k: the most peers that <see cref="LookupAsync"/> finds, and that are told of a key.</summary>
    public int BucketSize => _options.BucketSize;

    /// <summary>Finds the peers closest to a key, as <see cref="FindClosestPeersAsync"/>, and tells whether the search came to its end.</summary>
    /// <param name="key">Any bytes, 1 to <see cref="MaxKeyLength"/>.</param>
    /// <param name="ct">Ends the query.</param>
    /// <exception cref="ArgumentException">It is empty or too long.</exception>
    /// <exception cref="Errors.Libp2pException">As <see cref="FindProvidersAsync"/> throws them.</exception>
    public async ValueTask<KademliaClosest> LookupAsync(ReadOnlyMemory<byte> key, CancellationToken ct = default)
    {
        await using KademliaQuery query = Query(KademliaRequest.FindNode, CopyKey(key, nameof(key)), [], ct);
        while (await query.NextAsync().ConfigureAwait(false) is not null)
        {
            // the lookup keeps who answered
        }
        KademliaLookup lookup = query.Lookup;
        IReadOnlyList<KademliaPeer> closest = lookup.Closest(_options.BucketSize);

        // few who answer are a small network, unless many did not: then it is this host's own connection that is bad
        bool isComplete = !query.IsLate && lookup.IsDone && (closest.Count < _options.BucketSize
            ? lookup.AskedCount < _options.MaxPeersAsked && lookup.AskedCount - lookup.AnsweredCount <= lookup.AnsweredCount
            : lookup.HasConverged);
        return new KademliaClosest(closest, isComplete);
    }

    /// <summary>Tells one peer that this host has the content of some multihashes, and at which addresses it could dial this host: those that reach as far as its own.</summary>
    /// <param name="peer">Who is told, and where it is.</param>
    /// <param name="multihashes">What is provided, each a multihash in binary, at most <see cref="MaxKeyLength"/> bytes; at least one. All go over one stream.</param>
    /// <param name="ct">Ends it; what the peer read by then it may keep.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="ArgumentException">One is no whole multihash, or too long; or there is none.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public Task<KademliaProvideResult> ProvideToAsync(KademliaPeer peer, IReadOnlyList<byte[]> multihashes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(multihashes);
        ArgumentOutOfRangeException.ThrowIfZero(multihashes.Count, nameof(multihashes));
        byte[][] keys = [.. multihashes.Select(multihash => CopyMultihash(multihash, nameof(multihashes)))];
        return new KademliaCalls(_host, _options).ProvideAsync(peer, keys, ct);
    }
}

/// <summary>Represents what a lookup found.</summary>
/// <param name="Peers">The closest peers that answered, at most k, the closest first.</param>
/// <param name="IsComplete">
/// Whether the lookup came to its end: no peer that answers is known to be closer, and fewer than k are all that the network has. Not so where its time was up or few of those who were asked answered.
/// </param>
public sealed record KademliaClosest(IReadOnlyList<KademliaPeer> Peers, bool IsComplete);
