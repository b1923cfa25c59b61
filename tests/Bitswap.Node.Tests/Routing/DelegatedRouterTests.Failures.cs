using System.Text;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Routing;

/// <content>Routers that fail, refuse, lead elsewhere or say nothing.</content>
public sealed partial class DelegatedRouterTests
{
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

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("file:///x")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("http://[half")]
    [InlineData("http://")]
    [InlineData("http://me:secret@127.0.0.1/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("ipfs://bafkqaaa")]
    public async Task What_it_leads_to_must_be_a_router(string location)
    {
        await using RouterServer server = new((_, stream, token) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(RouterServer.Head("302 Found", null, $"Location: {location}", "Content-Length: 0")), token).AsTask());
        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server));
        Assert.Equal("RouterRefused", failure.ErrorId);
        Assert.Contains($"302 and leads to '{location}'", failure.Message);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("/elsewhere")]
    [InlineData("elsewhere?x=1")]
    [InlineData("//127.0.0.1:{0}/elsewhere")]
    [InlineData("http://127.0.0.1:{0}/elsewhere")]
    public async Task Where_it_leads_may_be_relative(string location)
    {
        await using RouterServer server = new((request, stream, token) =>
        {
            string port = request.Split("Host: 127.0.0.1:")[1].Split('\r')[0];
            string answer = request.Contains("elsewhere", StringComparison.Ordinal)
                ? RouterServer.Head("200 OK", "application/x-ndjson") + Record
                : RouterServer.Head("301 Moved Permanently", null, $"Location: {location.Replace("{0}", port, StringComparison.Ordinal)}", "Content-Length: 0");
            return stream.WriteAsync(Encoding.UTF8.GetBytes(answer), token).AsTask();
        });
        Assert.Single((await FindAsync(server)).Found);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/x-nd")]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task What_is_no_whole_answer_is_an_error(string bytes)
    {
        await using RouterServer server = new((_, stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(bytes), token).AsTask());
        Assert.Equal("RouterUnreachable", (await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server))).ErrorId);
    }

    [Fact]
    public async Task A_refusal_tells_when_to_ask_again()
    {
        await using RouterServer server = new((_, stream, token) =>
            stream.WriteAsync(Encoding.UTF8.GetBytes(RouterServer.Head("429 Too Many Requests", null, "Retry-After: 120", "Content-Length: 0")), token).AsTask());
        Assert.Contains("429 (TooManyRequests), to be asked again after 120", (await Assert.ThrowsAsync<BitswapException>(() => FindAsync(server))).Message);
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
}
