using System.Text;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Routing;

public sealed class DelegatedRouterTests
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
        Assert.True(provider.MaySpeakBitswap);
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

    [Theory]
    [InlineData("application/json", "no json")]
    [InlineData("application/json", "")]
    [InlineData("application/json", "[]")]
    [InlineData("application/json", """{"Message":"hello"}""")]
    [InlineData("application/json", """{"Providers":{}}""")]
    [InlineData("application/json", """{"Providers":[1,{}]}""")]
    [InlineData("application/json", """{"Providers":[]""")]
    [InlineData("application/x-ndjson", "<html>\n<body>")]
    [InlineData("application/x-ndjson", """{"Error":"busy"}""")]
    [InlineData("text/html", "<html>")]
    [InlineData(null, "x")]
    public async Task What_is_no_list_of_providers_at_all_is_refused(string? type, string body)
    {
        await using RouterServer server = new((_, stream, token) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(RouterServer.Head("200 OK", type) + body), token).AsTask());
        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server));
        Assert.Equal("InvalidRouterAnswer", failure.ErrorId);
        Assert.Contains(server.Uri.Host, failure.Message);
    }

    [Theory]
    [InlineData("400 Bad Request")]
    [InlineData("403 Forbidden")]
    [InlineData("429 Too Many Requests")]
    [InlineData("500 Internal Server Error")]
    [InlineData("503 Service Unavailable")]
    public async Task A_refusal_is_an_error(string status)
    {
        await using RouterServer server = RouterServer.Of(Record, status: status);
        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server));
        Assert.Equal("RouterRefused", failure.ErrorId);
        Assert.Contains(status[..3], failure.Message);
        Assert.Equal(server.Uri, failure.Target);
    }

    [Theory]
    [InlineData(3, 3, true)]
    [InlineData(4, 3, false)]
    [InlineData(1, 0, false)]
    public async Task It_is_sent_elsewhere_so_often_and_no_more(int steps, int limit, bool arrives)
    {
        int asked = 0;
        await using RouterServer server = new((_, stream, token) =>
        {
            int step = Interlocked.Increment(ref asked);
            string answer = step <= steps ? RouterServer.Head("307 Temporary Redirect", null, $"Location: /{step}", "Content-Length: 0") : RouterServer.Head("200 OK", "application/x-ndjson") + Record;
            return stream.WriteAsync(Encoding.UTF8.GetBytes(answer), token).AsTask();
        });
        Task<(IReadOnlyList<FoundProvider> Found, ProviderTally Tally)> finding = FindAsync(server, new RoutingOptions { MaxRouterRedirects = limit });
        if (arrives)
        {
            Assert.Single((await finding).Found);
        }
        else
        {
            Assert.Equal("RouterRefused", (await Assert.ThrowsAsync<BitswapException>(() => finding)).ErrorId);
        }

        Assert.Equal(Math.Min(steps, limit) + 1, asked);
    }

    [Fact]
    public async Task Providers_are_given_before_the_answer_has_ended()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RouterServer server = new(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(RouterServer.Head("200 OK", "application/x-ndjson") + Record + "\n"), token);
            await seen.Task.WaitAsync(_patience, token);
        });
        using NodeRouting routing = new(new RoutingOptions(), TimeProvider.System);
        await foreach (FoundProvider provider in routing.RouterOf(server.Uri).FindAsync(_cid, new ProviderTally(), default))
        {
            Assert.Equal(Peer, provider.Peer.ToString());
            seen.SetResult();
        }

        Assert.True(seen.Task.IsCompleted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n" + Record + "\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")]
    public async Task Silence_ends_after_its_time(string before)
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RouterServer server = new(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(before), token);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        FakeTimeProvider clock = new();
        Task<(IReadOnlyList<FoundProvider> Found, ProviderTally Tally)> finding = FindAsync(server, new RoutingOptions { RouterTimeout = TimeSpan.FromSeconds(7) }, clock: clock);
        await begun.Task.WaitAsync(_patience);

        BitswapException? failure = null;
        await Bitswap.Tests.Shared.Poll.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return finding.IsCompleted;
        });
        failure = await Assert.ThrowsAsync<BitswapException>(() => finding);
        Assert.Equal("RouterUnreachable", failure.ErrorId);
        Assert.Contains("7 seconds", failure.Message);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_gives_what_came_before()
    {
        await using RouterServer server = new((_, stream, token) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(RouterServer.Head("200 OK", "application/x-ndjson", "Content-Length: 9999") + Record + "\n" + Record[..10]), token).AsTask());
        using NodeRouting routing = new(new RoutingOptions(), TimeProvider.System);
        List<FoundProvider> found = [];
        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(async () =>
        {
            await foreach (FoundProvider provider in routing.RouterOf(server.Uri).FindAsync(_cid, new ProviderTally(), default))
            {
                found.Add(provider);
            }
        });
        Assert.Equal("RouterUnreachable", failure.ErrorId);
        Assert.Single(found);
    }

    [Fact]
    public async Task Nobody_listens()
    {
        Uri gone;
        await using (RouterServer server = RouterServer.Of(""))
        {
            gone = server.Uri;
        }

        using NodeRouting routing = new(new RoutingOptions(), TimeProvider.System);
        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => DrainAsync(routing.RouterOf(gone), _cid, default));
        Assert.Equal("RouterUnreachable", failure.ErrorId);
        Assert.Contains($"{gone.Port}", failure.Message);
    }

    [Fact]
    public async Task Who_gives_up_is_not_told_of_silence()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RouterServer server = new(async (_, _, token) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        using CancellationTokenSource stop = new();
        using NodeRouting routing = new(new RoutingOptions(), TimeProvider.System);
        Task<(IReadOnlyList<FoundProvider>, ProviderTally)> finding = DrainAsync(routing.RouterOf(server.Uri), _cid, stop.Token);
        await asked.Task.WaitAsync(_patience);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding.WaitAsync(_patience));
    }

    [Fact]
    public async Task What_is_asked_when_the_node_stops_ends_with_it()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RouterServer server = new(async (_, _, token) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        using NodeRouting routing = new(new RoutingOptions(), TimeProvider.System);
        IProviderSource router = routing.RouterOf(server.Uri);
        Task<(IReadOnlyList<FoundProvider>, ProviderTally)> finding = DrainAsync(router, _cid, default);
        await asked.Task.WaitAsync(_patience);
        routing.Dispose();
        Assert.Equal("NodeStopped", (await Assert.ThrowsAsync<BitswapException>(() => finding.WaitAsync(_patience))).ErrorId);
        Assert.Equal("NodeStopped", (await Assert.ThrowsAsync<BitswapException>(() => DrainAsync(router, _cid, default))).ErrorId);
    }

    [Theory]
    [InlineData("ftp://a.example")]
    [InlineData("https://me:secret@a.example")]
    [InlineData("https://a.example/?key=1")]
    [InlineData("https://a.example/#x")]
    [InlineData("a.example")]
    public void What_is_no_address_of_a_router_is_refused(string text)
    {
        Uri router = new(text, UriKind.RelativeOrAbsolute);
        using NodeRouting routing = new(new RoutingOptions(), TimeProvider.System);
        BitswapException failure = Assert.Throws<BitswapException>(() => routing.RouterOf(router));
        Assert.Equal("InvalidRouter", failure.ErrorId);
        Assert.DoesNotContain("secret", failure.Message);
        Assert.Throws<ArgumentException>(() => new RoutingOptions { Routers = [router] });
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
