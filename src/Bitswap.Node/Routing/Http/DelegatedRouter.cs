using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;

namespace Bitswap.Node.Routing.Http;

/// <summary>
/// Asks a server: Delegated Routing V1 HTTP API, <c>GET /routing/v1/providers/{cid}</c> (IPIP-337) and <c>GET /routing/v1/peers/{peer-id}</c> (IPIP-417),
/// streaming where it can (IPIP-412, <c>application/x-ndjson</c>), and <c>GET /routing/v1/ipns/{name}</c>, where records are put, too.
/// </summary>
internal sealed class DelegatedRouter(Uri router, RouterHttp http, RoutingOptions options, TimeProvider clock) : IProviderSource, INameSource, INameTarget
{
    // As much of a reason as is shown.
    private const int MaxReasonBytes = 1024;

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

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FindRecordsAsync(PeerId name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using SilenceLimit silence = new(options.RouterTimeout, clock, cancellationToken);
        (HttpResponseMessage answer, _) = await http.GetAsync(router, RouterUri.RecordOf(router, name), silence, RouterHttp.NameRecord).ConfigureAwait(false);
        using HttpResponseMessage response = answer;
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.NoContent)
        {
            yield break;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw RoutingErrors.Refused(router, response.StatusCode, response.Headers.RetryAfter?.ToString());
        }

        // Another type is no record, says the specification.
        if (string.Equals(response.Content.Headers.ContentType?.MediaType, RouterHttp.NameRecord, StringComparison.OrdinalIgnoreCase))
        {
            yield return await ReadRecordAsync(response, silence).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<NamePut> PutRecordAsync(PeerId name, ReadOnlyMemory<byte> record, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using SilenceLimit silence = new(options.RouterTimeout, clock, cancellationToken);
        using HttpResponseMessage response = await http.PutRecordAsync(router, RouterUri.RecordOf(router, name), record, silence).ConfigureAwait(false);
        yield return response.IsSuccessStatusCode
            ? new NamePut(null, null)
            : throw RoutingErrors.RecordRefused(
                router, response.StatusCode, response.Headers.RetryAfter?.ToString(), await ReadReasonAsync(response, silence).ConfigureAwait(false));
    }

    // Kubo and someguy say in plain text why they refuse.
    private async ValueTask<string> ReadReasonAsync(HttpResponseMessage response, SilenceLimit silence)
    {
        if (response.Content.Headers.ContentType?.MediaType != "text/plain" || response.Content.Headers.ContentEncoding.Count > 0)
        {
            return "";
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken: default).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable owned = stream.ConfigureAwait(false);
        byte[] buffer = new byte[MaxReasonBytes];
        RouterBody body = new(stream.ReadAsync, router, options, silence);
        int length = 0;
        int read;
        while (length < buffer.Length && (read = await body.ReadAsync(buffer.AsMemory(length)).ConfigureAwait(false)) > 0)
        {
            length += read;
        }

        return Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadRecordAsync(HttpResponseMessage response, SilenceLimit silence)
    {
        if (response.Content.Headers.ContentEncoding.Count > 0)
        {
            throw RoutingErrors.InvalidRecord(router, "it is compressed, which was not asked for.");
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken: default).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable owned = stream.ConfigureAwait(false);
        RouterBody body = new(stream.ReadAsync, router, options, silence);

        // One byte over the limit is what tells that there is more.
        byte[] buffer = new byte[INameSource.MaxRecordSize + 1];
        int length = 0;
        int read;
        while (length < buffer.Length && (read = await body.ReadAsync(buffer.AsMemory(length)).ConfigureAwait(false)) > 0)
        {
            length += read;
        }

        return length <= INameSource.MaxRecordSize ? buffer.AsMemory(0, length) : throw RoutingErrors.InvalidRecord(router, $"it has more than {INameSource.MaxRecordSize} bytes.");
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
