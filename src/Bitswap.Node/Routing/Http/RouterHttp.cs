using System.Net;
using System.Net.Http.Headers;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;

namespace Bitswap.Node.Routing.Http;

/// <summary>Sends routers their questions: follows where they lead, so far and no further, and makes a typed error of whatever goes wrong before the answer begins.</summary>
internal sealed class RouterHttp : IDisposable
{
    /// <summary>The type of an answer in lines.</summary>
    public const string Lines = "application/x-ndjson";

    /// <summary>The type of an answer in one piece.</summary>
    public const string Whole = "application/json";

    /// <summary>The type of the record of a name.</summary>
    public const string NameRecord = "application/vnd.ipfs.ipns-record";

    /// <summary>How an answer may be compressed.</summary>
    public const string Gzip = "gzip";

    // No node needs more of one server at once, and most allow less.
    private const int MaxConnectionsPerRouter = 16;

    // Of a question: the router as a person named it, which tells whom to name in an error.
    private static readonly HttpRequestOptionsKey<Uri> _router = new("router");

    // So that a router which moves is found again.
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);
    private readonly RoutingOptions _options;
    private readonly HttpSockets _sockets;

    // One for routers that a person named, and one for each distance from which they lead elsewhere, so that a connection is used for what it was checked for.
    private readonly Lazy<HttpClient> _named;
    private readonly Dictionary<AddressScope, Lazy<HttpClient>> _led = [];

    /// <param name="options">The limits.</param>
    /// <param name="handler">Makes what sends; null for what speaks HTTP.</param>
    /// <param name="lookUp">Looks up a name; null for the system's way.</param>
    public RouterHttp(RoutingOptions options, Func<HttpMessageHandler>? handler = null, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
    {
        _options = options;
        _sockets = SocketsOf(options.Rule, lookUp);
        _named = new Lazy<HttpClient>(() => CreateClient(handler?.Invoke() ?? CreateHandler(null)));
        foreach (AddressScope source in Enum.GetValues<AddressScope>())
        {
            _led.Add(source, new Lazy<HttpClient>(() => CreateClient(handler?.Invoke() ?? CreateHandler(source))));
        }
    }

    /// <summary>Returns what opens the sockets to routers.</summary>
    public static HttpSockets SocketsOf(DialRule rule, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null) =>
        new(rule, (question, host, found) => RoutingErrors.LedTo(question.Options.TryGetValue(_router, out Uri? router) ? router : question.RequestUri!, host, found), lookUp);

    /// <summary>Asks, and waits until the head of an answer is there.</summary>
    /// <param name="router">The router as it was named.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="silence">How long it may say nothing.</param>
    /// <param name="type">The type of the answer; null for a list, in lines or in one piece, which may be compressed.</param>
    /// <returns>The answer, and how far the address of who gives it reaches: of all who led there that of the farthest.</returns>
    /// <exception cref="BitswapException">RouterUnreachable; RouterRefused, where it leads to what is no router or may not be asked; NodeStopped.</exception>
    public async ValueTask<(HttpResponseMessage Response, AddressScope Source)> GetAsync(Uri router, Uri question, SilenceLimit silence, string? type = null)
    {
        AddressScope source = AddressScope.Nowhere;
        for (int step = 0; ; step++)
        {
            HttpClient client = (step == 0 ? _named : _led[source]).Value;
            using HttpRequestMessage request = Question(question, type);
            HttpResponseMessage response = await SendAsync(client, router, request, silence).ConfigureAwait(false);
            AddressScope reach = _sockets.ReachOf(question);
            source = reach > source ? reach : source;
            if (step == _options.MaxRouterRedirects || HttpRedirect.LocationOf(response) is not { } location)
            {
                return (response, source);
            }

            using (response)
            {
                question = Next(router, question, source, response.StatusCode, location);
            }
        }
    }

    /// <summary>Puts the record of a name, and waits until the head of an answer is there. It is followed only to where the same is to be put again (307 and 308).</summary>
    /// <param name="router">The router as it was named.</param>
    /// <param name="place">Where on it.</param>
    /// <param name="record">The record.</param>
    /// <param name="silence">How long it may say nothing.</param>
    /// <exception cref="BitswapException">As <see cref="GetAsync"/> throws them.</exception>
    public async ValueTask<HttpResponseMessage> PutRecordAsync(Uri router, Uri place, ReadOnlyMemory<byte> record, SilenceLimit silence)
    {
        AddressScope source = AddressScope.Nowhere;
        for (int step = 0; ; step++)
        {
            HttpClient client = (step == 0 ? _named : _led[source]).Value;
            using HttpRequestMessage request = new(HttpMethod.Put, place) { Content = new ReadOnlyMemoryContent(record) { Headers = { ContentType = new MediaTypeHeaderValue(NameRecord) } } };
            HttpResponseMessage response = await SendAsync(client, router, request, silence).ConfigureAwait(false);
            AddressScope reach = _sockets.ReachOf(place);
            source = reach > source ? reach : source;
            bool isLed = response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
            if (!isLed || step == _options.MaxRouterRedirects || HttpRedirect.LocationOf(response) is not { } location)
            {
                return response;
            }

            using (response)
            {
                place = Next(router, place, source, response.StatusCode, location);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lazy<HttpClient> client in _led.Values.Append(_named).Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private static HttpRequestMessage Question(Uri question, string? type)
    {
        HttpRequestMessage request = new(HttpMethod.Get, question);
        if (type is null)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Lines));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Whole));
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(Gzip));
        }
        else
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        return request;
    }

    private async ValueTask<HttpResponseMessage> SendAsync(HttpClient client, Uri router, HttpRequestMessage request, SilenceLimit silence)
    {
        request.Options.Set(_router, router);
        try
        {
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Begin()).ConfigureAwait(false);
            silence.End();
            return response;
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw RoutingErrors.Silent(router, _options.RouterTimeout);
        }
        catch (HttpRequestException failure) when (failure.InnerException is BitswapException refused)
        {
            throw refused;
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

    private Uri Next(Uri router, Uri question, AddressScope source, HttpStatusCode status, string location) =>
        HttpRedirect.TryFollow(question, location, out Uri next)
            ? _sockets.MayLeadTo(next, source) ? next : throw RoutingErrors.LedTo(router, next.IdnHost, null)
            : throw RoutingErrors.Misled(router, status, location);

    private SocketsHttpHandler CreateHandler(AddressScope? source) => new()
    {
        ConnectCallback = (context, cancellationToken) => _sockets.ConnectAsync(context, source, cancellationToken),
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = MaxConnectionsPerRouter,
        PooledConnectionLifetime = _connectionLifetime,
        UseCookies = false,

        // A router is told of what is looked for, and of nothing else.
        ActivityHeadersPropagator = null,
    };

    private static HttpClient CreateClient(HttpMessageHandler handler)
    {
        HttpClient client = new(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"bitswap-powershell/{typeof(RouterHttp).Assembly.GetName().Version?.ToString(3)}");
        return client;
    }
}
