using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;

namespace Bitswap.Node.Routing.Http;

/// <summary>
/// Reads the answer of a router, in lines or in one piece. It is not trusted: its size, its records, its lines, its addresses and its silences are
/// bounded by <see cref="RoutingOptions"/>. What cannot be read of it is left out and counted; where nothing at all can, the answer is refused.
/// </summary>
/// <param name="router">Whose it is.</param>
/// <param name="list">The name of the list in an answer in one piece: <c>Providers</c> or <c>Peers</c>.</param>
/// <param name="options">The limits.</param>
/// <param name="tally">Where to count.</param>
/// <param name="source">How far the address of who answers reaches.</param>
internal sealed class RouterAnswer(Uri router, string list, RoutingOptions options, ProviderTally tally, AddressScope source)
{
    private const int FirstBuffer = 4096;

    /// <summary>Returns the records of it, each when it is read.</summary>
    /// <exception cref="BitswapException">RouterRefused, InvalidRouterAnswer, RouterUnreachable, NodeStopped.</exception>
    public async IAsyncEnumerable<FoundProvider> ReadAsync(HttpResponseMessage response, SilenceLimit silence)
    {
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.NoContent)
        {
            // None, says the specification.
            yield break;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw RoutingErrors.Refused(router, response.StatusCode, response.Headers.RetryAfter?.ToString());
        }

        Stream stream = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        await using ConfiguredAsyncDisposable owned = stream.ConfigureAwait(false);
        GzipReader? gzip = IsCompressed(response) ? new GzipReader(stream) : null;
        await using ConfiguredAsyncDisposable compressed = (gzip as IAsyncDisposable ?? stream).ConfigureAwait(false);
        RouterBody body = new(gzip is null ? stream.ReadAsync : gzip.ReadAsync, router, options, silence);
        RouterRecords records = new(options, tally, source);
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (string.Equals(type, RouterHttp.Lines, StringComparison.OrdinalIgnoreCase))
        {
            await foreach (FoundProvider record in ReadLinesAsync(body, records).ConfigureAwait(false))
            {
                yield return record;
            }
        }
        else if (string.Equals(type, RouterHttp.Whole, StringComparison.OrdinalIgnoreCase))
        {
            foreach (FoundProvider record in await ReadWholeAsync(body, records).ConfigureAwait(false))
            {
                yield return record;
            }
        }
        else
        {
            throw RoutingErrors.Invalid(router, $"it is {(type is null ? "of no type" : $"'{type}'")}.");
        }
    }

    // RFC 9110 section 12.5.3: no other coding was asked for
    private bool IsCompressed(HttpResponseMessage response)
    {
        string[] codings = [.. response.Content.Headers.ContentEncoding.Where(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase))];
        return codings.Length == 0
            ? false
            : codings.Length == 1 && codings[0].Equals(RouterHttp.Gzip, StringComparison.OrdinalIgnoreCase)
                ? true
                : throw RoutingErrors.Invalid(router, "it is compressed in a way that was not asked for.");
    }

    private async IAsyncEnumerable<FoundProvider> ReadLinesAsync(RouterBody body, RouterRecords records)
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

            if (records.Read(line) is { } record)
            {
                yield return record;
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

    private async ValueTask<IReadOnlyList<FoundProvider>> ReadWholeAsync(RouterBody body, RouterRecords records)
    {
        byte[] buffer = new byte[Math.Min(FirstBuffer, options.MaxRouterAnswerBytes)];
        int length = 0;
        int read;
        while ((read = await body.ReadAsync(buffer.AsMemory(length)).ConfigureAwait(false)) > 0)
        {
            length += read;
            if (length == buffer.Length)
            {
                // One byte over the limit is what tells that there is more.
                Array.Resize(ref buffer, (int)Math.Min(2L * length, options.MaxRouterAnswerBytes + 1L));
            }
        }

        try
        {
            using JsonDocument answer = JsonDocument.Parse(buffer.AsMemory(0, length));
            if (answer.RootElement.ValueKind != JsonValueKind.Object || !answer.RootElement.TryGetProperty(list, out JsonElement items))
            {
                throw RoutingErrors.Invalid(router, $"it has no {list}.");
            }

            // Some servers write an empty list as null.
            return items.ValueKind switch
            {
                JsonValueKind.Null => [],
                JsonValueKind.Array => ReadList(items, records),
                _ => throw RoutingErrors.Invalid(router, $"its {list} are no list."),
            };
        }
        catch (JsonException broken)
        {
            throw RoutingErrors.Invalid(router, "it is not JSON.", broken);
        }
    }

    private List<FoundProvider> ReadList(JsonElement items, RouterRecords records)
    {
        List<FoundProvider> read = [];
        foreach (JsonElement item in items.EnumerateArray())
        {
            if (tally.Records >= options.MaxRouterRecords)
            {
                tally.IsCut = true;
                break;
            }

            if (records.Read(item) is { } record)
            {
                read.Add(record);
            }
        }

        return records.IsAny || tally.Malformed == 0 ? read : throw RoutingErrors.Invalid(router, $"none of its {list} is a record.");
    }
}
