using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Networks.Http;

/// <summary>
/// Sends requests to gateways: follows where they lead, so far and no further, by the rule of reach, and makes a typed error of whatever goes wrong before the
/// answer begins. HTTP/2 is spoken where a gateway offers it, and connections are kept for the next request.
/// </summary>
internal sealed class GatewayHttp : IDisposable
{
    /// <summary>The type of a block (trustless gateway specification).</summary>
    public const string RawBlock = "application/vnd.ipld.raw";

    /// <summary>The type of a CAR (trustless gateway specification).</summary>
    public const string Car = "application/vnd.ipld.car";

    // As much of heads as a gateway needs, in KiB.
    private const int MaxHeadKibi = 32;

    // So that a gateway which moves is found again.
    private static readonly TimeSpan _connectionLifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _idleTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _pingInterval = TimeSpan.FromSeconds(15);

    private static readonly MediaTypeWithQualityHeaderValue _rawBlock = new(RawBlock);

    // Depth first, each block once (IPIP-412).
    private static readonly MediaTypeWithQualityHeaderValue _carInOrder = MediaTypeWithQualityHeaderValue.Parse($"{Car}; version=1; order=dfs; dups=n");

    // Of a request: for which gateway it is.
    private static readonly HttpRequestOptionsKey<HttpAddress> _gateway = new("gateway");

    private readonly HttpRetrievalOptions _options;
    private readonly HttpSockets _sockets;
    private readonly GatewayHooks? _hooks;

    // One for gateways that a person named, and one for each distance of who names or leads elsewhere, so that a connection is used for what it was checked for.
    private readonly Lazy<HttpClient> _named;
    private readonly Dictionary<AddressScope, Lazy<HttpClient>> _led = [];

    /// <param name="options">The limits.</param>
    /// <param name="rule">Which addresses others may name or lead to.</param>
    /// <param name="hooks">What tests replace; null for the system's way.</param>
    public GatewayHttp(HttpRetrievalOptions options, DialRule rule, GatewayHooks? hooks = null)
    {
        _options = options;
        _hooks = hooks;
        _sockets = new HttpSockets(
            rule,
            static (request, host, found) => GatewayException.LedTo(request.Options.TryGetValue(_gateway, out HttpAddress? gateway) ? gateway : HttpAddress.Of(request.RequestUri!), host, found),
            hooks?.LookUp)
        {
            IsPlainNearOnly = true,
        };
        _named = new Lazy<HttpClient>(() => CreateClient(null));
        foreach (AddressScope source in Enum.GetValues<AddressScope>())
        {
            _led.Add(source, new Lazy<HttpClient>(() => CreateClient(source)));
        }
    }

    /// <summary>Asks for a block, and waits until the head of an answer is there, which is not one that leads elsewhere.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="source">How far the source reaches that named it; null where a person did.</param>
    /// <param name="method">GET or HEAD.</param>
    /// <param name="cid">The block.</param>
    /// <param name="silence">How long it may say nothing.</param>
    /// <exception cref="GatewayException">It cannot be asked, or leads where it must not.</exception>
    /// <exception cref="OperationCanceledException">The caller gives up.</exception>
    public ValueTask<HttpResponseMessage> SendAsync(HttpAddress gateway, AddressScope? source, HttpMethod method, Cid cid, SilenceLimit silence) =>
        SendAsync(gateway, source, new GatewayQuestion(method, gateway.UrlOf(cid), _rawBlock), silence);

    /// <summary>Asks for the CAR of a graph, and waits as the other overload does.</summary>
    /// <inheritdoc cref="SendAsync(HttpAddress, AddressScope?, HttpMethod, Cid, SilenceLimit)"/>
    public ValueTask<HttpResponseMessage> SendAsync(HttpAddress gateway, AddressScope? source, GraphRange range, SilenceLimit silence) =>
        SendAsync(gateway, source, new GatewayQuestion(HttpMethod.Get, gateway.UrlOf(range), _carInOrder), silence);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lazy<HttpClient> client in _led.Values.Append(_named).Where(client => client.IsValueCreated))
        {
            client.Value.Dispose();
        }
    }

    private async ValueTask<HttpResponseMessage> SendAsync(HttpAddress gateway, AddressScope? source, GatewayQuestion asked, SilenceLimit silence)
    {
        Uri question = asked.Url;
        AddressScope reach = source ?? AddressScope.Nowhere;
        for (int step = 0; ; step++)
        {
            HttpClient client = (step == 0 && source is null ? _named : _led[reach]).Value;
            HttpResponseMessage response = await SendAsync(client, gateway, asked with { Url = question }, step == 0, silence).ConfigureAwait(false);
            if ((int)response.StatusCode is < 300 or >= 400)
            {
                return response;
            }

            using (response)
            {
                AddressScope from = _sockets.ReachOf(question);
                reach = from > reach ? from : reach;
                question = Next(gateway, question, reach, response, isLast: step == _options.MaxGatewayRedirects);
            }
        }
    }

    private async ValueTask<HttpResponseMessage> SendAsync(HttpClient client, HttpAddress gateway, GatewayQuestion question, bool isFirst, SilenceLimit silence)
    {
        using HttpRequestMessage request = new(question.Method, question.Url) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        request.Options.Set(_gateway, gateway);
        if (isFirst && !gateway.Host.Equals(gateway.Url.IdnHost, StringComparison.OrdinalIgnoreCase))
        {
            request.Options.Set(HttpSockets.ConnectTo, gateway.Host);
        }

        request.Headers.Accept.Add(question.Accept);
        try
        {
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Begin()).ConfigureAwait(false);
            silence.End();
            return response;
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw GatewayException.Silent(gateway, _options.GatewayTimeout);
        }
        catch (HttpRequestException failure) when (failure.InnerException is GatewayException refused)
        {
            throw refused;
        }
        catch (HttpRequestException failure)
        {
            throw GatewayException.Unreachable(gateway, failure);
        }
        catch (Exception stopped) when (silence.IsStopped(stopped))
        {
            throw NodeErrors.Stopped();
        }
    }

    private Uri Next(HttpAddress gateway, Uri question, AddressScope source, HttpResponseMessage response, bool isLast)
    {
        string? location = HttpRedirect.LocationOf(response);
        return !isLast && HttpRedirect.TryFollow(question, location, out Uri next)
            ? _sockets.MayLeadTo(next, source) ? next : throw GatewayException.LedTo(gateway, next.IdnHost, null)
            : throw GatewayException.Misled(gateway, response.StatusCode, location);
    }

    private HttpClient CreateClient(AddressScope? source)
    {
        SocketsHttpHandler sockets = new()
        {
            ConnectCallback = (context, cancellationToken) => _sockets.ConnectAsync(context, source, cancellationToken),
            ConnectTimeout = _options.GatewayTimeout,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = _options.RequestsPerGateway,
            MaxResponseHeadersLength = MaxHeadKibi,
            PooledConnectionLifetime = _connectionLifetime,
            PooledConnectionIdleTimeout = _idleTime,
            KeepAlivePingDelay = _pingInterval,
            KeepAlivePingTimeout = _pingInterval,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseCookies = false,

            // A gateway is told of what is looked for, and of nothing else.
            ActivityHeadersPropagator = null,
        };
        sockets.SslOptions.RemoteCertificateValidationCallback = _hooks?.IsTrusted;
        HttpClient client = new(_hooks?.Handler?.Invoke() ?? sockets, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"bitswap-powershell/{typeof(GatewayHttp).Assembly.GetName().Version?.ToString(3)}");
        return client;
    }

    private readonly record struct GatewayQuestion(HttpMethod Method, Uri Url, MediaTypeWithQualityHeaderValue Accept);
}

/// <summary>What a test puts in the place of the system.</summary>
/// <param name="LookUp">Looks up a name; null for the system's way.</param>
/// <param name="IsTrusted">Says whether a certificate is trusted; null for the system's way.</param>
/// <param name="Handler">Makes what sends; null for what speaks HTTP.</param>
internal sealed record GatewayHooks(
    Func<string, CancellationToken, Task<IPAddress[]>>? LookUp = null, RemoteCertificateValidationCallback? IsTrusted = null, Func<HttpMessageHandler>? Handler = null);
