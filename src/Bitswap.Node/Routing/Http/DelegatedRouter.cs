using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;

namespace Bitswap.Node.Routing.Http;

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

    /// <summary>Gets where it is.</summary>
    public Uri Address => router;

    /// <inheritdoc/>
    public IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, CancellationToken cancellationToken) =>
        AskAsync(RouterUri.ProvidersOf(router, cid), "Providers", tally, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<FoundProvider?> FindPeerAsync(PeerId peer, CancellationToken cancellationToken)
    {
        FoundProvider? found = null;
        await foreach (FoundProvider record in AskAsync(RouterUri.PeerOf(router, peer), "Peers", new ProviderTally(), cancellationToken).ConfigureAwait(false))
        {
            if (record.Peer.Equals(peer))
            {
                found = found is null
                    ? record
                    : found with { Addresses = [.. found.Addresses.Union(record.Addresses).Take(options.MaxProviderAddresses)], HasRefused = found.HasRefused || record.HasRefused };
            }
        }

        return found;
    }

    private async IAsyncEnumerable<FoundProvider> AskAsync(Uri question, string list, ProviderTally tally, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using SilenceLimit silence = new(options.RouterTimeout, clock, cancellationToken);
        (HttpResponseMessage answer, AddressScope source) = await http.GetAsync(router, question, silence).ConfigureAwait(false);
        using HttpResponseMessage response = answer;
        await foreach (FoundProvider record in new RouterAnswer(router, list, options, tally, source).ReadAsync(response, silence).ConfigureAwait(false))
        {
            yield return record;
        }
    }
}
