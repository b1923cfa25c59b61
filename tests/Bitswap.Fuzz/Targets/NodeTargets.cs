using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Bitswap.Node.Names;
using Bitswap.Node.Observability;
using Bitswap.Node.Repositories;
using Bitswap.Node.Routing.Http;
using Bitswap.Node.Tracing;

namespace Bitswap.Fuzz.Targets;

/// <summary>Files of a repository and of a user, and the answers of routers.</summary>
internal static class NodeTargets
{
    private static readonly Cid _cid = Cid.Parse("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");

    private static readonly string[] _traceWords =
    [
        "\"time\":\"2026-01-02T03:04:05Z\",", "\"kind\":\"message\",", "\"kind\":\"want\",", "\"kind\":\"connected\",", "\"direction\":\"sent\",", "\"entries\":[",
        "\"blocks\":[", "\"presences\":[", "\"type\":\"dontHave\",", "\"size\":1,", "\"id\":1,", "\"protocol\":\"/ipfs/bitswap\",", "\"outcome\":\"x\",", "\"full\":true,",
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("trace", ["InvalidTrace"], Trace) { Words = _traceWords },
        new("pins", ["InvalidRepository"], Pins)
        {
            Words = ["\"version\":1", "\"pins\":[", "\"cid\":\"bafy", "\"recursive\":true", "\"name\":\"", "\"created\":\"2026-01-02T03:04:05.0000000+00:00\""],
        },
        new("router", ["InvalidRouterAnswer"], Router)
        {
            Words = ["{\"Providers\":[", "\"Schema\":\"peer\"", "\"Schema\":\"bitswap\"", "\"ID\":\"12D3KooW", "\"Addrs\":[\"/ip4/", "\"Protocols\":[\"transport-bitswap\"]", "\\ud800", "null"],
        },
        new("ipns-record", ["InvalidNameRecord"], NameRecord)
        {
            Words = ["eValue", "hSequence", "hValidity", "lValidityType", "cTTL", "/ipfs/bafkqaaa", "2123-08-14T12:17:03.694052Z", "+01:00"],
        },
    ];

    private static void Trace(ReadOnlyMemory<byte> input) => ReadTraceAsync(input).AsTask().GetAwaiter().GetResult();

    private static async ValueTask ReadTraceAsync(ReadOnlyMemory<byte> input)
    {
        byte[] written = await CopyTraceAsync(input.ToArray());
        FuzzFailureException.Unless((await CopyTraceAsync(written)).AsSpan().SequenceEqual(written), "It is written as another trace.");
    }

    private static async ValueTask<byte[]> CopyTraceAsync(byte[] trace)
    {
        ArrayBufferWriter<byte> copy = new();
        using TraceWriter writer = new(copy);
        await foreach (NodeObservation observation in TraceReader.ReadAsync(new MemoryStream(trace)))
        {
            writer.Write(observation);
        }

        return copy.WrittenSpan.ToArray();
    }

    private static void Pins(ReadOnlyMemory<byte> input)
    {
        IReadOnlyList<Pin> pins = PinFile.Parse(input.Span, PinFile.Name);
        FuzzFailureException.Unless(pins.DistinctBy(pin => pin.Cid.ToV1()).Count() == pins.Count, "A block has two pins.");
    }

    /// <summary>The first byte says how long the name is that follows, in binary; the rest is the record. A fuzzer cannot sign, so its seeds are signed.</summary>
    private static void NameRecord(ReadOnlyMemory<byte> input)
    {
        int length = input.IsEmpty ? 0 : input.Span[0];
        if (input.Length <= length || !PeerId.TryFromBytes(input.Span[1..(length + 1)], out PeerId? name))
        {
            return;
        }

        IpnsRecord record = IpnsRecord.Decode(input[(length + 1)..], name);
        FuzzFailureException.Unless(IpnsRecord.Decode(record.Bytes, name).CompareTo(record) == 0, "It is another record when it is read again.");
    }

    /// <summary>The first byte says whether the answer is in lines, and whether it is compressed.</summary>
    private static void Router(ReadOnlyMemory<byte> input)
    {
        if (!input.IsEmpty)
        {
            AskAsync(input[1..], (input.Span[0] & 1) == 0 ? "application/json" : "application/x-ndjson", (input.Span[0] & 2) != 0).AsTask().GetAwaiter().GetResult();
        }
    }

    private static async ValueTask AskAsync(ReadOnlyMemory<byte> body, string type, bool isCompressed)
    {
        using RouterHttp http = new(new RoutingOptions(), () => new Answer(body, type, isCompressed));
        DelegatedRouter router = new(new Uri("http://127.0.0.1/"), http, new RoutingOptions(), TimeProvider.System);
        await foreach (FoundProvider _ in router.FindAsync(_cid, new ProviderTally(), CancellationToken.None))
        {
        }
    }

    private sealed class Answer(ReadOnlyMemory<byte> body, string type, bool isCompressed) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ReadOnlyMemoryContent content = new(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            if (isCompressed)
            {
                content.Headers.ContentEncoding.Add("gzip");
            }

            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }
}
