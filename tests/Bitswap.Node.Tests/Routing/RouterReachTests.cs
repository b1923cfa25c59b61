using System.Net;
using System.Text;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Routing.Http;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>What a router may make the node dial, and where it may lead, by where it is itself.</summary>
public sealed class RouterReachTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly PeerId _peer = PrivateKey.Generate().PeerId;
    private static readonly Cid _cid = Samples.Block(1).Cid;

    private static readonly string[] _addresses =
    [
        "/ip4/8.8.8.8/tcp/4001", "/ip6/2600::1/tcp/4001",
        "/ip4/192.168.1.1/tcp/80", "/ip4/169.254.169.254/tcp/80", "/ip6/fe80::1/tcp/22", "/ip4/100.64.0.1/tcp/1",
        "/ip4/127.0.0.1/tcp/6379", "/ip6/::1/tcp/22", "/ip6/::ffff:127.0.0.1/tcp/22", "/ip6/64:ff9b::7f00:1/tcp/22", "/dns/localhost/tcp/22",
    ];

    [Theory]
    [InlineData("https://8.8.4.4", false, 2)]
    [InlineData("https://router.example", false, 2)]
    [InlineData("http://192.168.1.9:8080", false, 6)]
    [InlineData("http://router.local", false, 6)]
    [InlineData("http://127.0.0.1:8080", false, 11)]
    [InlineData("http://localhost", false, 11)]
    [InlineData("https://router.example", true, 11)]
    public async Task A_router_gives_addresses_that_reach_as_far_as_its_own(string router, bool allowPrivate, int taken)
    {
        using Answers answers = new(_ => Records());

        (FoundProvider found, ProviderTally tally) = await FindAsync(router, answers, new RoutingOptions { AllowPrivateAddresses = allowPrivate });

        Assert.Equal(_addresses[..taken], found.Addresses.Select(address => address.WithoutPeerId().ToString()));
        Assert.Equal(_addresses.Length - taken, tally.Refused);
        Assert.Equal(taken < _addresses.Length, found.HasRefused);
    }

    [Fact]
    public async Task A_private_network_stays_private()
    {
        using Answers answers = new(_ => Records());
        (FoundProvider found, _) = await FindAsync("http://127.0.0.1:8080", answers, new RoutingOptions { AllowPublicAddresses = false });
        Assert.Equal(_addresses[2..], found.Addresses.Select(address => address.WithoutPeerId().ToString()));
    }

    [Theory]
    [InlineData("https://router.example", "https://127.0.0.1/x")]
    [InlineData("https://router.example", "https://localhost/x")]
    [InlineData("https://router.example", "https://10.0.0.1/x")]
    [InlineData("https://router.example", "https://169.254.169.254/latest/meta-data")]
    [InlineData("https://router.example", "https://[::1]/x")]
    [InlineData("https://router.example", "https://[::ffff:127.0.0.1]/x")]
    [InlineData("https://router.example", "https://[64:ff9b::7f00:1]/x")]
    [InlineData("https://router.example", "https://[2002:7f00:1::]/x")]
    [InlineData("https://router.example", "https://2130706433/x")]
    [InlineData("https://router.example", "https://0x7f.1/x")]
    [InlineData("https://router.example", "https://printer/x")]
    [InlineData("http://192.168.1.9", "http://127.0.0.1/x")]
    [InlineData("http://127.0.0.1:8080", "http://224.0.0.1/x")]
    public async Task A_router_leads_to_nothing_that_is_nearer_than_itself(string router, string location)
    {
        using Answers answers = new(asked => asked.AbsolutePath.StartsWith("/routing/", StringComparison.Ordinal) ? LeadTo(location) : Records());

        BitswapException refused = await Assert.ThrowsAsync<BitswapException>(() => FindAsync(router, answers));

        Assert.Equal("RouterRefused", refused.ErrorId);
        Assert.Contains(nameof(RoutingOptions.AllowPrivateAddresses), refused.Remedy);
        Assert.Single(answers.Asked);
    }

    [Theory]
    [InlineData("https://router.example", "https://other.example/x", false, 2)]
    [InlineData("http://192.168.1.9", "http://192.168.1.10/x", false, 6)]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8081/x", false, 11)]
    [InlineData("http://127.0.0.1:8080", "http://8.8.4.4/x", false, 2)]
    [InlineData("http://192.168.1.9", "http://8.8.4.4/x", false, 2)]
    [InlineData("https://router.example", "https://10.0.0.1/x", true, 11)]
    public async Task Of_all_who_lead_to_an_answer_the_farthest_counts(string router, string location, bool allowPrivate, int taken)
    {
        using Answers answers = new(asked => asked.AbsolutePath.StartsWith("/routing/", StringComparison.Ordinal) ? LeadTo(location) : Records());

        (FoundProvider found, _) = await FindAsync(router, answers, new RoutingOptions { AllowPrivateAddresses = allowPrivate });

        Assert.Equal(_addresses[..taken], found.Addresses.Select(address => address.WithoutPeerId().ToString()));
    }

    [Theory]
    [InlineData(AddressScope.World, false, false)]
    [InlineData(AddressScope.Network, false, false)]
    [InlineData(AddressScope.Machine, false, true)]
    [InlineData(AddressScope.World, true, true)]
    [InlineData(null, false, true)]
    public async Task What_a_name_stands_for_is_looked_at_when_it_is_connected_to(AddressScope? source, bool allowPrivate, bool isAsked)
    {
        await using RouterServer inside = RouterServer.Of("");
        HttpSockets sockets = RouterHttp.SocketsOf(new DialRule { AllowPrivate = allowPrivate }, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        using HttpClient client = new(new SocketsHttpHandler { ConnectCallback = (context, token) => sockets.ConnectAsync(context, source, token) });
        Uri router = new($"http://router.example:{inside.Uri.Port}/");

        Task<string> asking = client.GetStringAsync(router).WaitAsync(_patience);

        if (isAsked)
        {
            await asking;
            Assert.Equal(AddressScope.Machine, sockets.ReachOf(router));
        }
        else
        {
            HttpRequestException failure = await Assert.ThrowsAsync<HttpRequestException>(() => asking);
            Assert.Equal("RouterRefused", Assert.IsType<BitswapException>(failure.InnerException).ErrorId);
            Assert.Contains("127.0.0.1", failure.InnerException!.Message);
        }

        Assert.Equal(isAsked ? 1 : 0, inside.Requests.Count);
    }

    [Fact]
    public async Task A_router_by_name_on_this_machine_may_give_its_addresses()
    {
        await using RouterServer inside = RouterServer.Of(Record());
        RoutingOptions options = new();
        using RouterHttp http = new(options, lookUp: (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        (FoundProvider found, _) = await FindAsync(new DelegatedRouter(new Uri($"http://router.example:{inside.Uri.Port}"), http, options, TimeProvider.System));
        Assert.Equal(_addresses.Length, found.Addresses.Count);
        Assert.Equal(AddressScope.Machine, found.Reach);
    }

    private static string Record() =>
        $$"""{"Schema":"peer","ID":"{{_peer}}","Addrs":[{{string.Join(',', _addresses.Select(address => $"\"{address}\""))}}]}""";

    private static HttpResponseMessage Records() => new(HttpStatusCode.OK) { Content = new StringContent(Record(), Encoding.UTF8, "application/x-ndjson") };

    private static HttpResponseMessage LeadTo(string location)
    {
        HttpResponseMessage response = new(HttpStatusCode.Found);
        response.Headers.TryAddWithoutValidation("Location", location);
        return response;
    }

    private static async Task<(FoundProvider Found, ProviderTally Tally)> FindAsync(string router, Answers answers, RoutingOptions? options = null)
    {
        options ??= new RoutingOptions();
        using RouterHttp http = new(options, () => answers);
        return await FindAsync(new DelegatedRouter(new Uri(router), http, options, TimeProvider.System));
    }

    private static async Task<(FoundProvider Found, ProviderTally Tally)> FindAsync(DelegatedRouter router)
    {
        ProviderTally tally = new();
        return (Assert.Single(await router.FindAsync(_cid, tally, default).ToListAsync().AsTask().WaitAsync(_patience)), tally);
    }

    /// <summary>Answers as servers would that are anywhere.</summary>
    private sealed class Answers(Func<Uri, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public List<Uri> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!);
            return Task.FromResult(answer(request.RequestUri!));
        }
    }
}
