using System.Net;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>Where a gateway may lead, and what a source may have asked, by where each is.</summary>
public sealed class GatewayReachTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly Cid _cid = Samples.Block(1).Cid;

    [Theory]
    [InlineData("https://gateway.example", "https://127.0.0.1/x")]
    [InlineData("https://gateway.example", "https://localhost/x")]
    [InlineData("https://gateway.example", "https://10.0.0.1/x")]
    [InlineData("https://gateway.example", "https://169.254.169.254/latest/meta-data")]
    [InlineData("https://gateway.example", "https://[::ffff:127.0.0.1]/x")]
    [InlineData("https://gateway.example", "https://printer/x")]
    [InlineData("https://gateway.example", "https://2130706433/x")]
    [InlineData("http://192.168.1.9", "http://127.0.0.1/x")]
    [InlineData("http://192.168.1.9", "http://other.example/x")]
    [InlineData("http://gateway.example", "http://other.example/x")]
    [InlineData("http://127.0.0.1:8080", "http://8.8.8.8/x")]
    [InlineData("http://127.0.0.1:8080", "https://224.0.0.1/x")]
    public async Task A_gateway_leads_to_nothing_nearer_than_itself_and_in_plain_text_to_nothing_far(string gateway, string location)
    {
        using Answers answers = new(location);
        GatewayException refused = await Assert.ThrowsAsync<GatewayException>(() => AskAsync(gateway, null, answers));
        Assert.Equal("HTTP (address not allowed)", refused.Obstacle);
        Assert.True(refused.IsMisleading);
        Assert.Single(answers.Asked);
    }

    [Theory]
    [InlineData("https://gateway.example", "http://gateway.example/x")]
    [InlineData("https://gateway.example", "ftp://gateway.example/x")]
    [InlineData("https://gateway.example", "https://me:secret@gateway.example/x")]
    [InlineData("https://gateway.example", null)]
    public async Task What_is_no_place_to_ask_is_not_followed(string gateway, string? location)
    {
        using Answers answers = new(location);
        GatewayException refused = await Assert.ThrowsAsync<GatewayException>(() => AskAsync(gateway, null, answers));
        Assert.Contains("302 (Found) and leads to", refused.Message);
        Assert.Single(answers.Asked);
    }

    [Theory]
    [InlineData("https://gateway.example", "https://other.example/x")]
    [InlineData("https://gateway.example", "/x")]
    [InlineData("http://gateway.example", "https://gateway.example/x")]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8081/x")]
    [InlineData("http://192.168.1.9", "http://192.168.1.10/x")]
    public async Task Elsewhere_it_is_followed(string gateway, string location)
    {
        using Answers answers = new(location);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, null, answers));
        Assert.Equal(new Uri(new Uri(gateway), location), answers.Asked[^1]);
    }

    [Theory]
    [InlineData(AddressScope.World, false, false)]
    [InlineData(AddressScope.Network, false, false)]
    [InlineData(AddressScope.Machine, false, true)]
    [InlineData(AddressScope.World, true, true)]
    [InlineData(null, false, true)]
    public async Task What_a_name_stands_for_is_looked_at_when_it_is_connected_to(AddressScope? source, bool allowPrivate, bool isAsked)
    {
        await using TestGateway inside = await TestGateway.StartAsync([Samples.Block(1)], isSecure: true);
        GatewayHooks hooks = inside.Hooks with { LookUp = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) };
        using GatewayHttp http = new(new HttpRetrievalOptions(), new DialRule { AllowPrivate = allowPrivate }, hooks);
        HttpAddress gateway = HttpAddress.Of(new Uri($"https://gateway.example:{inside.Uri.Port}"));
        using SilenceLimit silence = new(_patience, TimeProvider.System, default);

        Task<HttpResponseMessage> asking = http.SendAsync(gateway, source, HttpMethod.Get, _cid, silence).AsTask();

        if (isAsked)
        {
            using HttpResponseMessage response = await asking;
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            GatewayException refused = await Assert.ThrowsAsync<GatewayException>(() => asking);
            Assert.Equal("HTTP (address not allowed)", refused.Obstacle);
            Assert.Contains("127.0.0.1", refused.Message);
        }

        Assert.Equal(isAsked ? 1 : 0, inside.Requests.Count);
    }

    [Fact]
    public async Task A_name_of_the_local_network_that_stands_for_the_internet_is_not_asked_in_plain_text()
    {
        HttpSockets sockets = new(
            DialRule.Default,
            (_, host, found) => new InvalidOperationException($"{host}: {string.Join<IPAddress>(", ", found)}"),
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("8.8.8.8")]))
        {
            IsPlainNearOnly = true,
        };
        using HttpClient client = new(new SocketsHttpHandler { ConnectCallback = (context, token) => sockets.ConnectAsync(context, AddressScope.Network, token) });
        HttpRequestException failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri("http://gateway.lan/")));
        Assert.Equal("gateway.lan: 8.8.8.8", Assert.IsType<InvalidOperationException>(failure.InnerException).Message);
    }

    [Fact]
    public async Task The_host_of_an_address_is_connected_to_and_the_name_behind_it_proved()
    {
        await using TestGateway inside = await TestGateway.StartAsync([Samples.Block(1)], isSecure: true);
        Assert.True(HttpAddress.TryParse(Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{inside.Uri.Port}/tls/sni/gateway.example/http"), out HttpAddress? gateway));
        string? proved = null;
        GatewayHooks hooks = inside.Hooks with
        {
            IsTrusted = (sender, _, _, errors) =>
            {
                proved = $"{((System.Net.Security.SslStream)sender).TargetHostName}: {errors.HasFlag(System.Net.Security.SslPolicyErrors.RemoteCertificateNameMismatch)}";
                return true;
            },
        };
        using GatewayHttp http = new(new HttpRetrievalOptions(), DialRule.Default, hooks);
        using SilenceLimit silence = new(_patience, TimeProvider.System, default);

        using HttpResponseMessage response = await http.SendAsync(gateway, AddressScope.Machine, HttpMethod.Get, _cid, silence);

        Assert.Equal("gateway.example: False", proved);
        Assert.Single(inside.Requests);
    }

    [Theory]
    [InlineData("https://gateway.example", "http://127.0.0.1/x")]
    [InlineData("https://gateway.example", "https://192.168.1.1/x")]
    [InlineData("https://gateway.example", "https://router.lan/x")]
    public async Task For_a_CAR_the_same_places_are_not_asked(string gateway, string location)
    {
        using Answers answers = new(location);
        using GatewayHttp http = new(new HttpRetrievalOptions(), DialRule.Default, new GatewayHooks(Handler: () => answers));
        using SilenceLimit silence = new(_patience, TimeProvider.System, default);
        GraphRange range = new(_cid, GraphScope.All);

        GatewayException refused = await Assert.ThrowsAsync<GatewayException>(() => http.SendAsync(HttpAddress.Of(new Uri(gateway)), AddressScope.World, range, silence).AsTask());

        Assert.True(refused.IsMisleading);
        Assert.Contains("format=car", Assert.Single(answers.Asked).Query);
    }

    private static async Task<HttpStatusCode> AskAsync(string gateway, AddressScope? source, Answers answers)
    {
        using GatewayHttp http = new(new HttpRetrievalOptions(), DialRule.Default, new GatewayHooks(Handler: () => answers));
        using SilenceLimit silence = new(_patience, TimeProvider.System, default);
        using HttpResponseMessage response = await http.SendAsync(HttpAddress.Of(new Uri(gateway)), source, HttpMethod.Get, _cid, silence);
        return response.StatusCode;
    }

    /// <summary>Leads the first request to a place, and answers the next.</summary>
    private sealed class Answers(string? location) : HttpMessageHandler
    {
        public List<Uri> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!);
            HttpResponseMessage response = new(Asked.Count == 1 ? HttpStatusCode.Found : HttpStatusCode.OK) { RequestMessage = request };
            if (Asked.Count == 1 && location is not null)
            {
                response.Headers.TryAddWithoutValidation("Location", location);
            }

            return Task.FromResult(response);
        }
    }
}
