using System.Net;
using System.Net.Http.Headers;

namespace Bitswap.Node.Routing;

/// <summary>Sends routers their questions: follows where they lead, so far and no further, and makes a typed error of whatever goes wrong before the answer begins.</summary>
internal sealed class RouterHttp : IDisposable
{
    /// <summary>The type of an answer in lines.</summary>
    public const string Lines = "application/x-ndjson";

    /// <summary>The type of an answer in one piece.</summary>
    public const string Whole = "application/json";

    /// <summary>How an answer may be compressed.</summary>
    public const string Gzip = "gzip";

    // nobody needs more of one server at once, and most allow less
    private const int MaxConnectionsPerRouter = 16;

    // so that a router which moves is found again
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);
    private readonly RoutingOptions _options;
    private readonly Lazy<HttpClient> _client;

    /// <param name="options">The limits.</param>
    /// <param name="handler">Makes what sends; null for what speaks HTTP.</param>
    public RouterHttp(RoutingOptions options, Func<HttpMessageHandler>? handler = null)
    {
        _options = options;
        _client = new Lazy<HttpClient>(() => CreateClient((handler ?? CreateHandler)()));
    }

    /// <summary>Asks, and waits until the head of an answer is there.</summary>
    /// <param name="router">The router as it was named.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="silence">How long it may say nothing.</param>
    /// <exception cref="BitswapException">RouterUnreachable; RouterRefused, where it leads to what is no router; NodeStopped.</exception>
    public async ValueTask<HttpResponseMessage> GetAsync(Uri router, Uri question, SilenceLimit silence)
    {
        for (int step = 0; ; step++)
        {
            HttpResponseMessage response = await SendAsync(router, question, silence).ConfigureAwait(false);
            if (step == _options.MaxRouterRedirects || !Leads(response, out string? location))
            {
                return response;
            }

            using (response)
            {
                question = Next(router, question, response.StatusCode, location!);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private async ValueTask<HttpResponseMessage> SendAsync(Uri router, Uri question, SilenceLimit silence)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, question);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Lines));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Whole));
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(Gzip));
        try
        {
            HttpResponseMessage response = await _client.Value.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Begin()).ConfigureAwait(false);
            silence.End();
            return response;
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw RoutingErrors.Silent(router, _options.RouterTimeout);
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

    private static bool Leads(HttpResponseMessage response, out string? location)
    {
        location = response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            && response.Headers.NonValidated.TryGetValues("Location", out HeaderStringValues values)
            ? values.FirstOrDefault()
            : null;
        return location is not null;
    }

    // RFC 9110 section 10.2.2
    private static Uri Next(Uri router, Uri question, HttpStatusCode status, string location) =>
        Uri.TryCreate(question, location, out Uri? next)
        && next is { Scheme: "http" or "https", Host.Length: > 0, UserInfo.Length: 0 }
        && !(question.Scheme == "https" && next.Scheme == "http")
            ? next
            : throw RoutingErrors.Misled(router, status, location);

    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = MaxConnectionsPerRouter,
        PooledConnectionLifetime = _connectionLifetime,
        UseCookies = false,

        // a router is told of what is looked for, and of nothing else
        ActivityHeadersPropagator = null,
    };

    private static HttpClient CreateClient(HttpMessageHandler handler)
    {
        HttpClient client = new(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"bitswap-powershell/{typeof(RouterHttp).Assembly.GetName().Version?.ToString(3)}");
        return client;
    }
}
