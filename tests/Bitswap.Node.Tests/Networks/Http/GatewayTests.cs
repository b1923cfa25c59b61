using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.AspNetCore.Http;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>A node that asks a trustless gateway, which it was told of, as a peer.</summary>
public sealed class GatewayTests : GatewayNode
{
    [Theory]
    [InlineData(false, "HTTP/1.1")]
    [InlineData(true, "HTTP/2")]
    public async Task A_block_is_fetched_by_a_request_for_it_as_it_is(bool isSecure, string protocol)
    {
        await using TestGateway gateway = await TestGateway.StartAsync([Sample], isSecure);
        await using NodeHost node = await StartAsync(gateway);

        Block got = await FetchAsync(node, Sample.Cid);

        Assert.True(got.Data.Span.SequenceEqual(Sample.Data.Span));
        TestRequest request = Assert.Single(gateway.Requests);
        Assert.Equal(new TestRequest("GET", $"/ipfs/{Sample.Cid}", "?format=raw", "application/vnd.ipld.raw", protocol), request);
        PeerSnapshot peer = Assert.Single(await node.GetPeersAsync());
        Assert.Equal(gateway.Address.PeerId, peer.Peer);
        Assert.Equal(gateway.Address.Multiaddr, peer.Connection.Address);
        Assert.Equal("test-gateway", peer.Connection.Agent);
        Assert.Equal(["transport-ipfs-gateway-http"], peer.Connection.Protocols);
        Assert.Equal(Sample.Data.Length, peer.Ledger!.BytesReceived);
        Assert.True(await node.PingAsync(peer.Peer) > TimeSpan.Zero);
    }

    [Theory]
    [InlineData(1 << 20, true)]
    [InlineData(1 << 20, false)]
    [InlineData(16 * 1024, false)]
    [InlineData((16 * 1024) + 1, false)]
    [InlineData(0, false)]
    public async Task A_block_of_any_size_comes_whole_with_or_without_word_of_its_length(int size, bool isLengthSaid)
    {
        Block block = Samples.Block(2, size);
        await using TestGateway gateway = await TestGateway.StartAsync([block]);
        if (!isLengthSaid)
        {
            gateway.Fault = async context =>
            {
                await context.Response.Body.WriteAsync(block.Data);
                return true;
            };
        }

        await using NodeHost node = await StartAsync(gateway);
        Block got = await FetchAsync(node, block.Cid);
        Assert.True(got.Data.Span.SequenceEqual(block.Data.Span));
    }

    [Fact]
    public async Task Many_blocks_come_by_a_few_requests_at_once()
    {
        Block[] blocks = Samples.Blocks(200, 20_000);
        await using TestGateway gateway = await TestGateway.StartAsync(blocks);
        await using NodeHost node = await StartAsync(gateway, http => http with { RequestsPerGateway = 3 });

        Block[] got = await Task.WhenAll(blocks.Select(block => FetchAsync(node, block.Cid)));

        Assert.Equal(blocks.Select(block => block.Cid), got.Select(block => block.Cid));
        Assert.Equal(200, gateway.Requests.Count(request => request.Method == "GET"));
        Assert.InRange(gateway.MaxUnderWay, 1, 3);
    }

    [Theory]
    [InlineData(404, null, null)]
    [InlineData(410, null, null)]
    [InlineData(500, "ipld: could not find node", null)]
    [InlineData(451, null, "it answered 451 (UnavailableForLegalReasons)")]
    [InlineData(403, null, "it answered 403 (Forbidden)")]
    [InlineData(504, null, "it answered 504 (GatewayTimeout)")]
    public async Task What_it_answers_in_the_place_of_a_block_is_told_as_it_is(int status, string? body, string? detail)
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        gateway.FailWith(status, body: body);
        await using NodeHost node = await StartAsync(gateway);

        BlockUnavailableException missing = await MissAsync(node);

        PeerAnswer said = Assert.Single(missing.Asked);
        Assert.Equal((detail is null ? PeerAnswerKind.DontHave : PeerAnswerKind.Refused, detail), (said.Kind, said.Detail));
        Assert.Equal(detail is not null, missing.Message.Contains($"{gateway.Address.PeerId} did not give it", StringComparison.Ordinal));
        Assert.Single(node.ConnectedPeers);
    }

    [Fact]
    public async Task One_that_is_busy_for_long_is_left_alone_and_that_is_told()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        gateway.FailWith(429, retryAfter: "45");
        await using NodeHost node = await StartAsync(gateway);

        BlockUnavailableException first = await MissAsync(node);
        BlockUnavailableException second = await MissAsync(node, Samples.Block(2).Cid);

        Assert.Matches("it answered 429 .TooManyRequests., to be asked again after 45 seconds; it is left alone for 4[0-9] seconds", Assert.Single(first.Asked).Detail);
        Assert.Matches("it answered 429 .*; it is left alone for", Assert.Single(second.Asked).Detail);
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task One_that_is_busy_for_a_moment_is_asked_again()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([Sample]);
        int asked = 0;
        gateway.Fault = context =>
        {
            bool isFirst = Interlocked.Increment(ref asked) == 1;
            context.Response.StatusCode = isFirst ? 503 : 200;
            context.Response.Headers.RetryAfter = "1";
            return Task.FromResult(isFirst);
        };
        await using NodeHost node = await StartAsync(gateway);
        await FetchAsync(node, Sample.Cid);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_request_that_is_wanted_no_more_is_ended()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        TaskCompletionSource begun = new();
        TaskCompletionSource ended = new();
        gateway.Fault = async context =>
        {
            context.RequestAborted.Register(ended.SetResult);
            begun.SetResult();
            await ended.Task.WaitAsync(Patience);
            return true;
        };
        await using NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = Patience });
        NodeWant want = await node.WantAsync(Sample.Cid, new WantOptions());
        await begun.Task.WaitAsync(Patience);

        await want.CancelAsync();

        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task What_waits_and_is_wanted_no_more_is_never_asked_for()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource free = new(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Fault = async _ =>
        {
            begun.TrySetResult();
            await free.Task;
            return false;
        };
        await using NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = Patience, RequestsPerGateway = 1 });
        NodeWant first = await node.WantAsync(Sample.Cid, new WantOptions { FailFast = true });
        await begun.Task.WaitAsync(Patience);
        NodeWant second = await node.WantAsync(Samples.Block(2).Cid, new WantOptions());
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.WantsSent >= 2, "the second want is told");
        await second.CancelAsync();
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.CancelsSent >= 1, "that it is over is told");

        free.SetResult();

        await Assert.ThrowsAsync<BlockUnavailableException>(() => first.Completion.WaitAsync(Patience));
        Assert.All(gateway.Requests, request => Assert.EndsWith(Sample.Cid.ToString(), request.Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "HEAD")]
    [InlineData(false, "GET")]
    public async Task Word_of_a_block_is_asked_for_by_HEAD_where_that_is_taken(bool takesHead, string method)
    {
        await using TestGateway gateway = await TestGateway.StartAsync([Sample]);
        gateway.TakesHead = takesHead;
        await using NodeHost node = await StartAsync(gateway);

        NodeWant want = await node.WantAsync(Sample.Cid, new WantOptions { Type = WantType.Have });

        await want.Completion.WaitAsync(Patience);
        Assert.Equal(gateway.Address.PeerId, want.From);
        Assert.Equal([method], gateway.Requests.Select(request => request.Method));
        Assert.Null(await node.Blocks.GetAsync(Sample.Cid, default));
    }

    [Fact]
    public async Task A_gateway_that_leads_elsewhere_is_followed_so_far_and_no_further()
    {
        await using TestGateway gives = await TestGateway.StartAsync([Sample]);
        await using TestGateway leads = await TestGateway.StartAsync([]);
        leads.Fault = context =>
        {
            context.Response.Redirect($"{gives.Uri.AbsoluteUri.TrimEnd('/')}{context.Request.Path}{context.Request.QueryString}", permanent: true);
            return Task.FromResult(true);
        };
        await using TestGateway loops = await TestGateway.StartAsync([]);
        loops.Fault = context =>
        {
            context.Response.Redirect($"{context.Request.Path}{context.Request.QueryString}");
            return Task.FromResult(true);
        };
        await using NodeHost follows = await StartAsync(leads);
        await using NodeHost isLed = await StartAsync(loops);

        await FetchAsync(follows, Sample.Cid);
        PeerAnswer said = Assert.Single((await MissAsync(isLed)).Asked);

        Assert.Single(gives.Requests);
        Assert.Equal(4, loops.Requests.Count);
        Assert.Equal(PeerAnswerKind.Refused, said.Kind);
        Assert.Contains("302 (Found)", said.Detail);
    }

    [Fact]
    public async Task It_is_a_peer_beside_others_and_told_nothing_of_what_the_node_has()
    {
        MemoryNetwork network = new(seed: 3);
        Block theirs = Samples.Block(7);
        await using TestGateway gateway = await TestGateway.StartAsync([Sample]);
        await using NodeHost peer = await NodeHost.StartAsync(new NodeOptions { Network = network.CreatePeer() });
        await Samples.PutAsync(peer, [theirs]);
        await using NodeHost node = await StartAsync(gateway, configure: options => options with { Network = network.CreatePeer() });
        await node.ConnectAsync(peer.Addresses);
        await Samples.PutAsync(node, [Samples.Block(8)]);

        await FetchAsync(node, theirs.Cid);
        await FetchAsync(node, Sample.Cid);

        Assert.Equal(2, node.ConnectedPeers.Count);
        Assert.All(gateway.Requests, request => Assert.True(request.Method is "GET" or "HEAD"));
        Assert.All(gateway.Requests, request => Assert.False(request.Path.EndsWith(Samples.Block(8).Cid.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_node_stops_while_a_request_is_under_way()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        TaskCompletionSource begun = new();
        gateway.Fault = async context =>
        {
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = Patience });
        NodeWant want = await node.WantAsync(Sample.Cid, new WantOptions());
        await begun.Task.WaitAsync(Patience);

        await node.StopAsync().WaitAsync(Patience);

        BitswapException stopped = await Assert.ThrowsAnyAsync<BitswapException>(() => want.Completion);
        Assert.Equal("NodeStopped", stopped.ErrorId);
    }

    [Theory]
    [InlineData(404, "404 (NotFound)")]
    [InlineData(429, "429 (TooManyRequests)")]
    public async Task What_answers_as_no_gateway_is_no_peer(int greeting, string told)
    {
        await using TestGateway site = await TestGateway.StartAsync([]);
        site.Greeting = greeting;
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Http = new HttpRetrievalOptions { HttpRetrieval = true } });

        BitswapException refused = await Assert.ThrowsAnyAsync<BitswapException>(() => node.ConnectAsync([site.Address.Multiaddr]).AsTask());

        Assert.Equal("PeerUnreachable", refused.ErrorId);
        Assert.Contains(told, refused.Message);
        Assert.Empty(node.ConnectedPeers);
    }

    [Fact]
    public async Task A_gateway_cannot_be_named_as_a_peer()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([Sample]);
        await using NodeHost node = await StartAsync(gateway);

        BitswapException refused = await Assert.ThrowsAnyAsync<BitswapException>(() => node.ConnectAsync([gateway.Address.Multiaddr.WithPeerId(node.PeerId)]).AsTask());

        Assert.Equal("PeerIdMismatch", refused.ErrorId);
        Assert.Equal(gateway.Address.PeerId, Assert.Single(node.ConnectedPeers));
    }
}
