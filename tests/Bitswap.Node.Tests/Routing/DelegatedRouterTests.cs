using System.Text;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

public sealed partial class DelegatedRouterTests
{
    private const string Peer = "12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99";
    private const string Other = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
    private const string Record = $$"""{"Schema":"peer","ID":"{{Peer}}","Addrs":["/ip4/192.0.2.1/tcp/4001"],"Protocols":["transport-bitswap"]}""";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly Cid _cid = Samples.Block(1).Cid;

    [Fact]
    public async Task It_asks_as_the_specification_has_it()
    {
        await using RouterServer server = RouterServer.Of("");
        Cid version0 = Cid.CreateV0(_cid.Hash);

        await FindAsync(server, cid: version0);

        string[] head = Assert.Single(server.Requests).Split("\r\n");
        Assert.Equal($"GET /routing/v1/providers/{version0.ToV1()} HTTP/1.1", head[0]);
        Assert.Contains("Accept: application/x-ndjson, application/json", head);
        Assert.DoesNotContain(head, line => line.StartsWith("Cookie", StringComparison.OrdinalIgnoreCase) || line.StartsWith("traceparent", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/routing/v1")]
    [InlineData("/routing/v1/providers/")]
    public async Task A_router_is_named_with_or_without_what_the_API_adds(string path)
    {
        await using RouterServer server = RouterServer.Of("");
        await FindAsync(server, router: new Uri(server.Uri, path));
        Assert.StartsWith($"GET /routing/v1/providers/{_cid} ", Assert.Single(server.Requests));
    }

    [Fact]
    public async Task A_router_may_be_below_a_path()
    {
        await using RouterServer server = RouterServer.Of("");
        await FindAsync(server, router: new Uri(server.Uri, "/a/b/routing/v1"));
        Assert.StartsWith($"GET /a/b/routing/v1/providers/{_cid} ", Assert.Single(server.Requests));
    }

    [Theory]
    [InlineData("application/x-ndjson", Record + "\n")]
    [InlineData("application/x-ndjson; charset=utf-8", Record)]
    [InlineData("application/x-ndjson", "\r\n\n" + Record + "\r\n\r\n")]
    [InlineData("application/json", $$"""{"Providers":[{{Record}}]}""")]
    [InlineData("Application/JSON; charset=utf-8", $$"""  {"Providers":[{{Record}}],"More":{"deep":[1]} }""")]
    public async Task A_peer_is_read_in_either_form(string type, string body)
    {
        await using RouterServer server = RouterServer.Of(body, type);
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server);

        FoundProvider provider = Assert.Single(found);
        Assert.Equal(Peer, provider.Peer.ToString());
        Assert.Equal($"/ip4/192.0.2.1/tcp/4001/p2p/{Peer}", Assert.Single(provider.Addresses).ToString());
        Assert.Equal(["transport-bitswap"], provider.Protocols);
        Assert.Equal(ProviderSourceKind.Delegated, provider.Source);
        Assert.Equal((1, 1, 0, 0, 0, false), (tally.Records, tally.Providers, tally.Malformed, tally.Unknown, tally.Addresses, tally.IsCut));
    }

    [Theory]
    [InlineData("application/x-ndjson", "", "200 OK")]
    [InlineData("application/x-ndjson", "\n\r\n", "200 OK")]
    [InlineData("application/json", """{"Providers":[]}""", "200 OK")]
    [InlineData("application/json", """{"Providers":null}""", "200 OK")]
    [InlineData("text/plain", "no record found", "404 Not Found")]
    [InlineData("application/json", "", "204 No Content")]
    public async Task Nobody_has_it(string type, string body, string status)
    {
        await using RouterServer server = RouterServer.Of(body, type, status);
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server);
        Assert.Empty(found);
        Assert.Equal(0, tally.Records);
    }

    [Fact]
    public async Task The_schema_that_went_before_is_read_and_one_that_is_not_known_is_left_out()
    {
        string legacy = $$"""{"Schema":"bitswap","Protocol":"transport-bitswap","ID":"{{Other}}","Addrs":["/dns4/a.example/tcp/1"]}""";
        await using RouterServer server = RouterServer.Of($$"""{"Schema":"graphsync-filecoinv1","ID":5}""" + $"\n{legacy}\n" + """{"Schema":"x"}""");
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server);

        FoundProvider provider = Assert.Single(found);
        Assert.Equal(Other, provider.Peer.ToString());
        Assert.Equal([FoundProvider.BitswapTransport], provider.Protocols);
        Assert.Equal((3, 1, 0, 2), (tally.Records, tally.Providers, tally.Malformed, tally.Unknown));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"Schema\":\"peer\"")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"Schema":1,"ID":"x"}""")]
    [InlineData("""{"Schema":"peer"}""")]
    [InlineData("""{"Schema":"peer","ID":"nobody"}""")]
    [InlineData("""{"Schema":"peer","ID":null}""")]
    [InlineData($$"""{"Schema":"peer","ID":"{{Peer}}","Addrs":"/ip4/192.0.2.1/tcp/1"}""")]
    [InlineData($$"""{"Schema":"peer","ID":"{{Peer}}","Protocols":{} }""")]
    [InlineData("""{"Schema":"peer","ID":"\ud800"}""")]
    [InlineData($$"""{"Schema":"peer","ID":"{{Peer}}","Protocols":["\udc00"]}""")]
    [InlineData($$"""{"Schema":"peer","ID":"{{Peer}}"} {{Record}}""")]
    public async Task A_malformed_record_is_counted_and_the_others_stand(string bad)
    {
        await using RouterServer server = RouterServer.Of($"{bad}\n{Record}\n{bad}");
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server);
        Assert.Equal(Peer, Assert.Single(found).Peer.ToString());
        Assert.Equal(2, tally.Malformed);
    }

    [Fact]
    public async Task A_record_that_is_no_UTF8_is_counted_and_the_others_stand()
    {
        byte[] bad = [.. "{\"Schema\":\"peer\",\"ID\":\""u8, 0xff, 0xfe, .. "\"}\n"u8, .. Encoding.UTF8.GetBytes(Record)];
        await using RouterServer server = new((_, stream, token) =>
            stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(RouterServer.Head("200 OK", "application/x-ndjson")), .. bad], token).AsTask());
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server);
        Assert.Single(found);
        Assert.Equal(1, tally.Malformed);
    }

    [Fact]
    public async Task Addresses_that_cannot_be_or_are_another_peers_are_left_out()
    {
        string[] addresses =
        [
            "/ip4/192.0.2.1/tcp/1", $"/ip4/192.0.2.1/tcp/1/p2p/{Peer}", $"/ip4/192.0.2.2/tcp/1/p2p/{Other}", "nonsense", "/nosuch/1",
            $"/ip4/192.0.2.3/tcp/1/p2p/{Other}/p2p-circuit", $"/ip4/192.0.2.3/tcp/1/p2p/{Other}/p2p-circuit/p2p/{Peer}", "",
        ];
        string list = string.Join(",", addresses.Select(address => $"\"{address}\"").Append("7").Append("null"));
        await using RouterServer server = RouterServer.Of($$"""{"Schema":"peer","ID":"{{Peer}}","Addrs":[{{list}}],"Protocols":null}""");
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server);

        FoundProvider provider = Assert.Single(found);
        Assert.Equal([$"/ip4/192.0.2.1/tcp/1/p2p/{Peer}", $"/ip4/192.0.2.3/tcp/1/p2p/{Other}/p2p-circuit/p2p/{Peer}"], provider.Addresses.Select(address => address.ToString()));
        Assert.All(provider.Addresses, address => Assert.Equal(provider.Peer, address.PeerId));
        Assert.Empty(provider.Protocols);
        Assert.Equal(6, tally.Addresses);
    }

    [Fact]
    public async Task Addresses_over_the_limit_are_left_out()
    {
        string list = string.Join(",", Enumerable.Range(1, 5).Select(port => $"\"/ip4/192.0.2.1/tcp/{port}\""));
        await using RouterServer server = RouterServer.Of($$"""{"Schema":"peer","ID":"{{Peer}}","Addrs":[{{list}}]}""");
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server, new RoutingOptions { MaxProviderAddresses = 3 });
        Assert.Equal(3, Assert.Single(found).Addresses.Count);
        Assert.Equal(2, tally.Addresses);
    }

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("application/json")]
    public async Task Records_over_the_limit_are_left_unread(string type)
    {
        string[] records = [Record, "{\"Schema\":\"x\"}", Record];
        await using RouterServer server = RouterServer.Of(type == "application/json" ? $$"""{"Providers":[{{string.Join(",", records)}}]}""" : string.Join("\n", records), type);

        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server, new RoutingOptions { MaxRouterRecords = 2 });
        Assert.Single(found);
        Assert.True(tally.IsCut);

        (found, tally) = await FindAsync(server, new RoutingOptions { MaxRouterRecords = 3 });
        Assert.Equal(2, found.Count);
        Assert.False(tally.IsCut);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9000)]
    public async Task A_line_over_the_limit_is_left_out(int over)
    {
        int limit = 300;
        string fits = Record + new string(' ', limit - Record.Length);
        await using RouterServer server = RouterServer.Of($"{fits}{new string(' ', over)}\n{Record}");
        (IReadOnlyList<FoundProvider> found, ProviderTally tally) = await FindAsync(server, new RoutingOptions { MaxRouterLineBytes = limit });
        Assert.Equal(over == 0 ? 2 : 1, found.Count);
        Assert.Equal(over == 0 ? 0 : 1, tally.Malformed);
        Assert.Equal(2, tally.Records);
    }

    [Theory]
    [InlineData("application/x-ndjson", 0)]
    [InlineData("application/x-ndjson", 1)]
    [InlineData("application/json", 0)]
    [InlineData("application/json", 1)]
    public async Task An_answer_over_the_limit_is_refused(string type, int over)
    {
        string body = type == "application/json" ? $$"""{"Providers":[{{Record}}]}""" : Record + "\n";
        body += new string(' ', 5000 - body.Length + over);
        await using RouterServer server = RouterServer.Of(body, type);
        Task<(IReadOnlyList<FoundProvider> Found, ProviderTally Tally)> finding = FindAsync(server, new RoutingOptions { MaxRouterAnswerBytes = 5000 });
        if (over == 0)
        {
            Assert.Single((await finding).Found);
            return;
        }

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => finding);
        Assert.Equal("InvalidRouterAnswer", failure.ErrorId);
        Assert.Contains("5000", failure.Message);
    }

    private static async Task<(IReadOnlyList<FoundProvider> Found, ProviderTally Tally)> FindAsync(
        RouterServer server, RoutingOptions? options = null, Cid? cid = null, Uri? router = null, TimeProvider? clock = null)
    {
        using NodeRouting routing = new(options ?? new RoutingOptions(), clock ?? TimeProvider.System);
        return await DrainAsync(routing.RouterOf(router ?? server.Uri), cid ?? _cid, default).WaitAsync(_patience);
    }

    private static async Task<(IReadOnlyList<FoundProvider> Found, ProviderTally Tally)> DrainAsync(IProviderSource source, Cid cid, CancellationToken cancellationToken)
    {
        ProviderTally tally = new();
        List<FoundProvider> found = [];
        await foreach (FoundProvider provider in source.FindAsync(cid, tally, cancellationToken))
        {
            found.Add(provider);
        }

        return (found, tally);
    }
}
