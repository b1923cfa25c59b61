using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents a client of a Kademlia DHT (libp2p specs, kad-dht/README.md): it looks up and tells, and answers no questions. All members are safe to call from any thread,
/// several queries may run at once, and they share what they learn of who answers.
/// </summary>
/// <remarks>
/// A query works while its caller waits for its next result, and a caller that stops enumerating, or cancels, ends it: nothing runs on.
/// A query leases the connection with a peer for as long as it asks it: one that was opened for that alone is closed after, and a caller that wants to
/// use a provider that was given leases or connects it in turn, be it connected at that moment or not.
/// </remarks>
public sealed partial class KademliaClient
{
    /// <summary>The longest key that peers take, in bytes (go-libp2p-kad-dht, handlers.go).</summary>
    public const int MaxKeyLength = 80;

    private readonly Libp2pHost _host;
    private readonly KademliaOptions _options;
    private readonly RoutingTable _table;
    private readonly ILogger _logger;

    /// <summary>Makes a client. It does nothing until it is asked.</summary>
    /// <param name="host">What it connects with; its clock and its log are the client's too.</param>
    /// <param name="options">Whom to begin at, and the limits.</param>
    public KademliaClient(Libp2pHost host, KademliaOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        _host = host;
        _options = options;
        _table = new RoutingTable(host.PeerId, options);
        _logger = host.Options.LoggerFactory.CreateLogger<KademliaClient>();
    }

    /// <summary>Gets the peers that answered before and are asked first.</summary>
    public int KnownPeerCount => _table.Count;

    /// <summary>
    /// Gets the peers that answered, the last to answer first, for <see cref="KademliaOptions.RememberedPeers"/> of another run: those of this run, and those of an earlier one that were
    /// not asked since. One that failed is not among them.
    /// </summary>
    public IReadOnlyList<KademliaContact> Contacts => _table.Contacts;

    /// <summary>
    /// Finds who provides the content of a multihash. Each provider comes once and as soon as an address of it is known, those of whom none is
    /// at the end. The query ends when the closest peers have answered, at <see cref="KademliaOptions.MaxProviders"/>, or at
    /// <see cref="KademliaOptions.QueryTimeout"/>.
    /// </summary>
    /// <param name="multihash">What is looked for: the multihash of a CID in binary, at most <see cref="MaxKeyLength"/> bytes.</param>
    /// <param name="ct">Ends the query.</param>
    /// <exception cref="ArgumentException">It is no whole multihash, or too long.</exception>
    /// <exception cref="Libp2pException">
    /// From the enumeration: PeerUnreachable when no peer of the DHT is known or none answered; NodeStopped.
    /// </exception>
    public IAsyncEnumerable<KademliaPeer> FindProvidersAsync(ReadOnlyMemory<byte> multihash, CancellationToken ct = default) =>
        ProvidersAsync(CopyMultihash(multihash, nameof(multihash)), ct);

    /// <summary>
    /// Finds the peers closest to a key, at most <see cref="KademliaOptions.BucketSize"/>, all of whom answered; the closest comes first. They come when
    /// the query has ended.
    /// </summary>
    /// <param name="key">Any bytes, 1 to <see cref="MaxKeyLength"/>: a multihash, or a peer id in binary.</param>
    /// <param name="ct">Ends the query.</param>
    /// <exception cref="ArgumentException">It is empty or too long.</exception>
    /// <exception cref="Libp2pException">As <see cref="FindProvidersAsync"/> throws them.</exception>
    public IAsyncEnumerable<KademliaPeer> FindClosestPeersAsync(ReadOnlyMemory<byte> key, CancellationToken ct = default) =>
        ClosestAsync(CopyKey(key, nameof(key)), ct);

    /// <summary>
    /// Finds where a peer is, as others tell: the addresses that the first <see cref="KademliaOptions.Resiliency"/> who know any tell together, so
    /// that one who lies cannot hide it.
    /// </summary>
    /// <param name="peer">Who is looked for.</param>
    /// <param name="ct">Ends the query.</param>
    /// <returns>The peer with at least one address; null when none is known.</returns>
    /// <exception cref="Libp2pException">PeerUnreachable: no peer of the DHT is known, or none answered. NodeStopped.</exception>
    public async ValueTask<KademliaPeer?> FindPeerAsync(PeerId peer, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.Equals(_host.PeerId))
        {
            return new KademliaPeer(peer, _host.Addresses);
        }
        Multiaddr[] connected =
        [
            .. _host.Connections
                .Where(connection => connection.RemotePeer.Equals(peer) && connection.Direction == ConnectionDirection.Outbound)
                .Select(connection => connection.RemoteAddress),
        ];
        return connected.Length > 0 ? new KademliaPeer(peer, connected) : await LearnAsync(peer, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Gets what peers keep under a key, the value of each who has one, as they answer. The query ends when the closest peers have answered, or at
    /// <see cref="KademliaOptions.QueryTimeout"/>; whether a value is what the key asks for, and how many are enough, is for the caller to say.
    /// </summary>
    /// <param name="key">The key, 1 to <see cref="MaxKeyLength"/> bytes, such as <c>/ipns/</c> and a peer id in binary.</param>
    /// <param name="ct">Ends the query.</param>
    /// <exception cref="ArgumentException">It is empty or too long.</exception>
    /// <exception cref="Libp2pException">As <see cref="FindProvidersAsync"/> throws them.</exception>
    public IAsyncEnumerable<KademliaValue> GetValuesAsync(ReadOnlyMemory<byte> key, CancellationToken ct = default) =>
        ValuesAsync(CopyKey(key, nameof(key)), ct);

    /// <summary>Gives a value to the peers closest to a key, at most <see cref="KademliaOptions.BucketSize"/>. Each says itself whether it keeps it.</summary>
    /// <param name="key">The key, 1 to <see cref="MaxKeyLength"/> bytes.</param>
    /// <param name="value">The value, 1 to <see cref="KademliaOptions.MaxValueSize"/> bytes.</param>
    /// <param name="ct">Ends it; those who have the value by then keep it.</param>
    /// <returns>What came of it at each of them; the order is that in which they answered.</returns>
    /// <exception cref="ArgumentException">The key or the value is empty or too long.</exception>
    /// <exception cref="Libp2pException">As <see cref="FindProvidersAsync"/> throws them.</exception>
    public IAsyncEnumerable<KademliaPutResult> PutValueAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, CancellationToken ct = default) =>
        value.Length >= 1 && value.Length <= _options.MaxValueSize
            ? PutAsync(CopyKey(key, nameof(key)), value.ToArray(), ct)
            : throw new ArgumentException($"A value has 1 to {_options.MaxValueSize} bytes, and this one {value.Length}.", nameof(value));

    private async Task<KademliaPeer?> LearnAsync(PeerId peer, CancellationToken ct)
    {
        List<KademliaPeer> tellers = [];
        await using KademliaQuery query = Query(KademliaRequest.FindNode, peer.ToByteArray(), [peer], ct);
        while (tellers.Count < _options.Resiliency && await query.NextAsync().ConfigureAwait(false) is { } reply)
        {
            if (reply.Answer!.Closer.FirstOrDefault(told => told.Id.Equals(peer)) is { Addresses.Count: > 0 } told)
            {
                tellers.Add(told);
            }
        }
        return tellers.Count == 0
            ? null
            : new KademliaPeer(peer, [.. tellers.SelectMany(told => told.Addresses).Distinct().Take(_options.MaxAddressesPerPeer)])
            {
                Source = tellers.Max(told => told.Source),
            };
    }

    private async IAsyncEnumerable<KademliaPeer> ClosestAsync(byte[] key, [EnumeratorCancellation] CancellationToken ct)
    {
        await using KademliaQuery query = Query(KademliaRequest.FindNode, key, [], ct);
        while (await query.NextAsync().ConfigureAwait(false) is not null)
        {
            // the lookup keeps who answered
        }
        foreach (KademliaPeer peer in query.Lookup.Closest(_options.BucketSize))
        {
            yield return peer;
        }
    }

    private async IAsyncEnumerable<KademliaPeer> ProvidersAsync(byte[] key, [EnumeratorCancellation] CancellationToken ct)
    {
        ProviderSet found = new(_options.MaxProviders, _host.PeerId);
        await using KademliaQuery query = Query(KademliaRequest.GetProviders, key, [], ct);
        while (!found.IsFull && await query.NextAsync().ConfigureAwait(false) is { } reply)
        {
            foreach (KademliaPeer provider in found.Take(reply.Answer!.Providers, query.Lookup.Find))
            {
                yield return provider;
            }
        }
        foreach (KademliaPeer provider in found.TakeRest())
        {
            yield return provider;
        }
    }

    private async IAsyncEnumerable<KademliaValue> ValuesAsync(byte[] key, [EnumeratorCancellation] CancellationToken ct)
    {
        await using KademliaQuery query = Query(KademliaRequest.GetValue, key, [], ct);
        while (await query.NextAsync().ConfigureAwait(false) is { } reply)
        {
            if (!reply.Answer!.Value.IsEmpty && reply.Answer.ValueKey.Span.SequenceEqual(key))
            {
                yield return new KademliaValue(reply.Peer.Id, reply.Answer.Value);
            }
        }
    }

    private async IAsyncEnumerable<KademliaPutResult> PutAsync(byte[] key, byte[] value, [EnumeratorCancellation] CancellationToken ct)
    {
        KademliaCalls calls = new(_host, _options);
        byte[] frame = KademliaCodec.EncodeRequest(KademliaRequest.PutValue, key, value);
        await foreach (KademliaReply reply in TellClosestAsync(key, (peer, token) => calls.AskAsync(peer, KademliaRequest.PutValue, frame, token), ct).ConfigureAwait(false))
        {
            yield return new KademliaPutResult(reply.Peer.Id, Refusal(reply, value));
        }
    }

    // none of the tasks fails but by the cancellation
    private async IAsyncEnumerable<T> TellClosestAsync<T>(byte[] key, Func<KademliaPeer, CancellationToken, Task<T>> tell, [EnumeratorCancellation] CancellationToken ct)
    {
        List<KademliaPeer> closest = [];
        await foreach (KademliaPeer peer in ClosestAsync(key, ct).ConfigureAwait(false))
        {
            closest.Add(peer);
        }
        await foreach (T told in TellAsync(closest, tell, ct).ConfigureAwait(false))
        {
            yield return told;
        }
    }

    private async IAsyncEnumerable<T> TellAsync<T>(
        IEnumerable<KademliaPeer> peers, Func<KademliaPeer, CancellationToken, Task<T>> tell, [EnumeratorCancellation] CancellationToken ct)
    {
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        List<Task<T>> telling = [];
        try
        {
            Queue<KademliaPeer> waiting = new(peers);
            while (true)
            {
                while (telling.Count < _options.Concurrency && waiting.TryDequeue(out KademliaPeer? next))
                {
                    telling.Add(tell(next, ending.Token));
                }
                if (telling.Count == 0)
                {
                    yield break;
                }
                Task<T> ended = await Task.WhenAny(telling).ConfigureAwait(false);
                telling.Remove(ended);
                T told = await ended.ConfigureAwait(false);
                ct.ThrowIfCancellationRequested();
                yield return told;
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(telling)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // one who keeps a value answers with it (go, protocol_messenger.go, PutValue)
    private static Libp2pException? Refusal(KademliaReply reply, byte[] value) => reply.Answer switch
    {
        null => reply.Error as Libp2pException ?? new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"{reply.Peer.Id} did not answer.", reply.Error),
        { } answer when answer.Value.Span.SequenceEqual(value) => null,
        _ => new Libp2pException(Libp2pErrorIds.ProtocolViolation, $"{reply.Peer.Id} answered with another value than it was given."),
    };

    private KademliaQuery Query(KademliaRequest request, byte[] key, IEnumerable<PeerId> excluded, CancellationToken ct) =>
        new(_host, _options, _table, _logger, request, key, excluded, ct);

    private static byte[] CopyMultihash(ReadOnlyMemory<byte> multihash, string name)
    {
        byte[] key = CopyKey(multihash, name);
        return Multihash.TryRead(key, out _, out int consumed) && consumed == key.Length
            ? key
            : throw new ArgumentException("The key of content is a multihash, and nothing behind it.", name);
    }

    private static byte[] CopyKey(ReadOnlyMemory<byte> key, string name) => key.Length is > 0 and <= MaxKeyLength
        ? key.ToArray()
        : throw new ArgumentException($"A key has 1 to {MaxKeyLength} bytes, and this one {key.Length}.", name);
}
