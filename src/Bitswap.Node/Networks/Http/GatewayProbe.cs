using System.Net;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Networks.Http;

/// <summary>Finds out whether a trustless gateway answers at an address: asks it for the empty block, which every gateway has.</summary>
/// <param name="http">Sends requests.</param>
/// <param name="options">The limits.</param>
/// <param name="clock">The clock of every wait.</param>
internal sealed class GatewayProbe(GatewayHttp http, HttpRetrievalOptions options, TimeProvider clock)
{
    // How often requests to one host and port that others named may fail in a while, as of dials of libp2p.
    private const int MaxFailures = 4;
    private const int MaxRemembered = 4096;

    // As much as a reader takes in.
    private const int MaxAgent = 64;
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(1);

    // The CID of the empty block holds it (boxo httpnet, pingCid).
    private static readonly Cid _empty = Cid.Parse("bafkqaaa");

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, int Port), int> _failures = [];
    private readonly Queue<((string Host, int Port) Key, long Since)> _order = new();

    /// <summary>Asks a gateway.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="source">How far the source reaches that named it; null where a person did.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GatewayException">It is none, or cannot be asked.</exception>
    public async ValueTask<GatewayGreeting> GreetAsync(HttpAddress gateway, AddressScope? source, CancellationToken cancellationToken)
    {
        if (source is not null)
        {
            Take(gateway);
        }

        GatewayGreeting greeting;
        try
        {
            greeting = await AskAsync(gateway, source, HttpMethod.Head, cancellationToken).ConfigureAwait(false);
        }
        catch (GatewayException failure) when (failure.Status is { } status and not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
        {
            greeting = await AskAsync(gateway, source, HttpMethod.Get, cancellationToken).ConfigureAwait(false);
        }

        if (source is not null)
        {
            GiveBack(gateway);
        }

        return greeting;
    }

    private async ValueTask<GatewayGreeting> AskAsync(HttpAddress gateway, AddressScope? source, HttpMethod method, CancellationToken cancellationToken)
    {
        using SilenceLimit silence = new(options.GatewayTimeout, clock, cancellationToken);
        long begun = clock.GetTimestamp();
        using HttpResponseMessage response = await http.SendAsync(gateway, source, method, _empty, silence).ConfigureAwait(false);
        TimeSpan latency = clock.GetElapsedTime(begun);

        // 410 is the answer of one that knows blocks by an index alone (boxo httpnet, connectToURL).
        return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NoContent or HttpStatusCode.Gone
            || (response.StatusCode == HttpStatusCode.InternalServerError && await GatewayStatus.SaysMissingAsync(response, silence).ConfigureAwait(false))
            ? new GatewayGreeting(AgentOf(response), method != HttpMethod.Head, latency)
            : throw GatewayException.NoGateway(gateway, response.StatusCode, GatewayStatus.RetryAfter(response.Headers.RetryAfter, clock));
    }

    // What a stranger writes is shown only where it is plain.
    private static string? AgentOf(HttpResponseMessage response) =>
        response.Headers.Server.ToString() is { Length: > 0 and <= MaxAgent } agent && agent.All(static c => c is >= ' ' and <= '~') ? agent : null;

    private void Take(HttpAddress gateway)
    {
        lock (_lock)
        {
            while (_order.TryPeek(out ((string Host, int Port) Key, long Since) oldest) && (_order.Count > MaxRemembered || clock.GetElapsedTime(oldest.Since) >= _window))
            {
                _failures.Remove(_order.Dequeue().Key);
            }

            if (!_failures.TryGetValue(KeyOf(gateway), out int failures))
            {
                _order.Enqueue((KeyOf(gateway), clock.GetTimestamp()));
            }

            _failures[KeyOf(gateway)] = failures < MaxFailures ? failures + 1 : throw GatewayException.TooOften(gateway);
        }
    }

    private void GiveBack(HttpAddress gateway)
    {
        lock (_lock)
        {
            if (_failures.TryGetValue(KeyOf(gateway), out int failures) && failures > 0)
            {
                _failures[KeyOf(gateway)] = failures - 1;
            }
        }
    }

    private static (string Host, int Port) KeyOf(HttpAddress gateway) => (gateway.Host, gateway.Port);
}
