using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Node.Routing;

/// <summary>Asks the DHT who provides a block, where a peer is, and for the records of names, which it gives it, too, and tells it what this node provides. The client is made when it is first asked, and keeps what it learns of who answers.</summary>
internal sealed class DhtProviders(Func<KademliaClient> create) : IProviderSource, INameSource, INameTarget, IProviderTarget
{
    private readonly Lazy<KademliaClient> _client = new(create, LazyThreadSafetyMode.PublicationOnly);

    /// <inheritdoc/>
    public ProviderSourceKind Kind => ProviderSourceKind.Dht;

    /// <inheritdoc/>
    public string Name => "the DHT";

    /// <summary>Gets the peers of the DHT that answered, the last to answer first; none before it is first asked.</summary>
    public IReadOnlyList<KademliaContact> Contacts => _client.IsValueCreated ? _client.Value.Contacts : [];

    /// <inheritdoc/>
    public async IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] key = cid.Hash.Bytes.ToArray();
        if (key.Length > KademliaClient.MaxKeyLength)
        {
            // No peer takes it, so no peer can have announced it.
            yield break;
        }

        IAsyncEnumerator<KademliaPeer> peers = _client.Value.FindProvidersAsync(key, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using ConfiguredAsyncDisposable owned = peers.ConfigureAwait(false);
        while (await NextAsync(peers).ConfigureAwait(false) is { } peer)
        {
            tally.Records++;
            tally.Providers++;
            yield return Found(peer);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<FoundProvider?> FindPeerAsync(PeerId peer, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.Value.FindPeerAsync(peer, cancellationToken).ConfigureAwait(false) is { } found ? Found(found) : null;
        }
        catch (Libp2pException failure)
        {
            throw Failed(failure);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FindRecordsAsync(PeerId name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerator<KademliaValue> values = _client.Value.GetValuesAsync(IpnsName.RoutingKeyOf(name), cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using ConfiguredAsyncDisposable owned = values.ConfigureAwait(false);
        while (await NextAsync(values).ConfigureAwait(false) is { } value)
        {
            yield return value.Value;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<NamePut> PutRecordAsync(PeerId name, ReadOnlyMemory<byte> record, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IAsyncEnumerator<KademliaPutResult> results = _client.Value.PutValueAsync(IpnsName.RoutingKeyOf(name), record, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using ConfiguredAsyncDisposable owned = results.ConfigureAwait(false);
        while (await NextAsync(results).ConfigureAwait(false) is { } result)
        {
            yield return new NamePut(result.Peer, result.Error is { } error ? $"The DHT peer {result.Peer} did not take the record: {error.Message}" : null);
        }
    }

    /// <inheritdoc/>
    public int BucketSize => _client.Value.BucketSize;

    /// <inheritdoc/>
    public async ValueTask<KademliaClosest> LookupAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.Value.LookupAsync(key, cancellationToken).ConfigureAwait(false);
        }
        catch (Libp2pException failure)
        {
            throw Failed(failure);
        }
    }

    /// <inheritdoc/>
    public async Task<ToldPeer> TellAsync(KademliaPeer peer, IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
    {
        KademliaProvideResult told = await _client.Value.ProvideToAsync(peer, keys, cancellationToken).ConfigureAwait(false);
        return new ToldPeer(told.Peer, told.Error?.Message, told.IsOutOfReach);
    }

    private static async ValueTask<T?> NextAsync<T>(IAsyncEnumerator<T> answers)
        where T : class
    {
        try
        {
            return await answers.MoveNextAsync().ConfigureAwait(false) ? answers.Current : null;
        }
        catch (Libp2pException failure)
        {
            throw Failed(failure);
        }
    }

    private FoundProvider Found(KademliaPeer peer) => new(peer.Id, peer.Addresses, Kind, []) { Reach = peer.Source };

    private static BitswapException Failed(Libp2pException failure) =>
        failure.ErrorId == Libp2pErrorIds.NodeStopped ? NodeErrors.Stopped() : RoutingErrors.DhtUnreachable(failure);
}
