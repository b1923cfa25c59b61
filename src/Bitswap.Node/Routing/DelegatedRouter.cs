using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Bitswap.Node.Routing;

/// <summary>
/// Asks a server for providers: Delegated Routing V1 HTTP API, <c>GET /routing/v1/providers/{cid}</c> (IPIP-337), streaming where it can
/// (IPIP-412, <c>application/x-ndjson</c>).
/// </summary>
/// <remarks>
/// An answer is not trusted: its size, its records, its lines, its addresses and its silences are bounded by <see cref="RoutingOptions"/>. What cannot be
/// read of it is left out and counted; where nothing at all can, the answer is refused.
/// </remarks>
internal sealed class DelegatedRouter(Uri router, Func<HttpClient> http, RoutingOptions options, TimeProvider clock) : IProviderSource
{
    private const string Lines = "application/x-ndjson";
    private const string Whole = "application/json";
    private const int FirstBuffer = 4096;

    /// <inheritdoc/>
    public ProviderSourceKind Kind => ProviderSourceKind.Delegated;

    /// <inheritdoc/>
    public string Name { get; } = RouterUri.NameOf(router);

    /// <inheritdoc/>
    public async IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using SilenceLimit silence = new(options.RouterTimeout, clock, cancellationToken);
        using HttpResponseMessage response = await SendAsync(cid, silence).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.NoContent)
        {
            // nobody, says the specification
            yield break;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw RoutingErrors.Refused(router, response.StatusCode);
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable owned = stream.ConfigureAwait(false);
        RouterBody body = new(stream, router, options, silence);
        RouterRecords records = new(options, tally);
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (string.Equals(type, Lines, StringComparison.OrdinalIgnoreCase))
        {
            await foreach (FoundProvider provider in ReadLinesAsync(body, records, tally).ConfigureAwait(false))
            {
                yield return provider;
            }
        }
        else if (string.Equals(type, Whole, StringComparison.OrdinalIgnoreCase))
        {
            foreach (FoundProvider provider in await ReadWholeAsync(body, records, tally).ConfigureAwait(false))
            {
                yield return provider;
            }
        }
        else
        {
            throw RoutingErrors.Invalid(router, $"it is {(type is null ? "of no type" : $"'{type}'")}.");
        }
    }

    private async ValueTask<HttpResponseMessage> SendAsync(Cid cid, SilenceLimit silence)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, RouterUri.ProvidersOf(router, cid));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Lines));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Whole));
        try
        {
            HttpResponseMessage response = await http().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Begin()).ConfigureAwait(false);
            silence.End();
            return response;
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw RoutingErrors.Silent(router, options.RouterTimeout);
        }
        catch (HttpRequestException failure)
        {
            throw RoutingErrors.Unreachable(router, failure);
        }
        catch (Exception stopped) when (silence.IsStopped(stopped))
        {
            throw NodeErrors.Stopped();
        }
    }

    private async IAsyncEnumerable<FoundProvider> ReadLinesAsync(RouterBody body, RouterRecords records, ProviderTally tally)
    {
        using LineReader lines = new(body.ReadAsync, options.MaxRouterLineBytes);
        int skipped = 0;
        while (await lines.ReadAsync().ConfigureAwait(false) is { } line)
        {
            Count();
            if (tally.Records >= options.MaxRouterRecords)
            {
                tally.IsCut = true;
                yield break;
            }

            if (records.Read(line) is { } provider)
            {
                yield return provider;
            }
        }

        Count();
        if (!records.IsAny && tally.Malformed > 0)
        {
            throw RoutingErrors.Invalid(router, "none of its lines is a record.");
        }

        void Count()
        {
            tally.Records += lines.Skipped - skipped;
            tally.Malformed += lines.Skipped - skipped;
            skipped = lines.Skipped;
        }
    }

    private async ValueTask<IReadOnlyList<FoundProvider>> ReadWholeAsync(RouterBody body, RouterRecords records, ProviderTally tally)
    {
        byte[] buffer = new byte[Math.Min(FirstBuffer, options.MaxRouterAnswerBytes)];
        int length = 0;
        int read;
        while ((read = await body.ReadAsync(buffer.AsMemory(length)).ConfigureAwait(false)) > 0)
        {
            length += read;
            if (length == buffer.Length)
            {
                // one byte over the limit is what tells that there is more
                Array.Resize(ref buffer, (int)Math.Min(2L * length, options.MaxRouterAnswerBytes + 1L));
            }
        }

        try
        {
            using JsonDocument answer = JsonDocument.Parse(buffer.AsMemory(0, length));
            if (answer.RootElement.ValueKind != JsonValueKind.Object || !answer.RootElement.TryGetProperty("Providers", out JsonElement list))
            {
                throw RoutingErrors.Invalid(router, "it has no Providers.");
            }

            // some servers write an empty list as null
            return list.ValueKind switch
            {
                JsonValueKind.Null => [],
                JsonValueKind.Array => ReadList(list, records, tally),
                _ => throw RoutingErrors.Invalid(router, "its Providers are no list."),
            };
        }
        catch (JsonException broken)
        {
            throw RoutingErrors.Invalid(router, "it is not JSON.", broken);
        }
    }

    private List<FoundProvider> ReadList(JsonElement list, RouterRecords records, ProviderTally tally)
    {
        List<FoundProvider> providers = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (tally.Records >= options.MaxRouterRecords)
            {
                tally.IsCut = true;
                break;
            }

            if (records.Read(item) is { } provider)
            {
                providers.Add(provider);
            }
        }

        return records.IsAny || tally.Malformed == 0 ? providers : throw RoutingErrors.Invalid(router, "none of its Providers is a record.");
    }
}
