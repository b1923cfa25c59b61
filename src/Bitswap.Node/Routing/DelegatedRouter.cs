using System.Runtime.CompilerServices;

namespace Bitswap.Node.Routing;

/// <summary>
/// Asks a server: Delegated Routing V1 HTTP API, <c>GET /routing/v1/providers/{cid}</c> (IPIP-337) and <c>GET /routing/v1/peers/{peer-id}</c> (IPIP-417),
/// streaming where it can (IPIP-412, <c>application/x-ndjson</c>).
/// </summary>
internal sealed class DelegatedRouter(Uri router, RouterHttp http, RoutingOptions options, TimeProvider clock) : IProviderSource
{
    /// <inheritdoc/>
    public ProviderSourceKind Kind => ProviderSourceKind.Delegated;

    /// <inheritdoc/>
    public string Name { get; } = RouterUri.NameOf(router);

    /// <inheritdoc/>
    public IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, CancellationToken cancellationToken) =>
        AskAsync(RouterUri.ProvidersOf(router, cid), "Providers", tally, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Multiaddr>> FindPeerAsync(PeerId peer, CancellationToken cancellationToken)
    {
        List<Multiaddr> addresses = [];
        await foreach (FoundProvider record in AskAsync(RouterUri.PeerOf(router, peer), "Peers", new ProviderTally(), cancellationToken).ConfigureAwait(false))
        {
            if (record.Peer.Equals(peer))
            {
                addresses.AddRange(record.Addresses.Except(addresses).Take(options.MaxProviderAddresses - addresses.Count));
            }
        }

        return addresses;
    }

    private async IAsyncEnumerable<FoundProvider> AskAsync(Uri question, string list, ProviderTally tally, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using SilenceLimit silence = new(options.RouterTimeout, clock, cancellationToken);
        using HttpResponseMessage response = await http.GetAsync(router, question, silence).ConfigureAwait(false);
        await foreach (FoundProvider record in new RouterAnswer(router, list, options, tally).ReadAsync(response, silence).ConfigureAwait(false))
        {
            yield return record;
        }
    }
}
