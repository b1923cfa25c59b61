using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Probing;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Routing;

/// <summary>A node that was told of a router: it finds, dials and fetches by itself.</summary>
public sealed class ProviderSearchTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 5);
    private readonly Block _block = Samples.Block(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_get_on_a_node_without_peers_finds_a_provider_dials_it_and_fetches(bool overTcp)
    {
        await using NodeHost provider = overTcp ? await NodeHost.StartAsync(new NodeOptions()) : await StartAsync();
        await Samples.PutAsync(provider, [_block]);
        await using RouterServer router = RouterServer.Of(Record(provider));
        RoutingOptions routing = new() { Routers = [router.Uri] };
        EngineOptions engine = new() { FailFastWithoutPeers = true };
        await using NodeHost getter = overTcp ? await NodeHost.StartAsync(new NodeOptions { Routing = routing, Engine = engine }) : await StartAsync(routing);

        Block got = await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);

        Assert.True(got.Data.Span.SequenceEqual(_block.Data.Span));
        Assert.Single(router.Requests);
        Assert.Equal(1, (await getter.GetStatAsync()).Engine.ProviderSearches);
        Assert.Equal(provider.PeerId, Assert.Single(getter.ConnectedPeers));
    }

    [Fact]
    public async Task What_the_connected_peers_have_is_not_searched_for_and_what_they_have_not_is()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost idle = await StartAsync();
        Block near = Samples.Block(2);
        await Samples.PutAsync(provider, [_block]);
        await Samples.PutAsync(idle, [near]);
        await using RouterServer router = RouterServer.Of(Record(provider));
        await using NodeHost getter = await StartAsync(new RoutingOptions { Routers = [router.Uri] });
        await getter.ConnectAsync(idle.Addresses);

        await getter.GetBlockAsync(near.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);
        Assert.Empty(router.Requests);

        await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);
        Assert.Contains(_block.Cid.ToString(), Assert.Single(router.Requests));
    }

    [Theory]
    [InlineData("200 OK", "")]
    [InlineData("404 Not Found", "")]
    [InlineData("500 Internal Server Error", "")]
    [InlineData("200 OK", "no record")]
    public async Task A_router_that_does_not_help_ends_the_get_at_once(string status, string body)
    {
        await using RouterServer router = RouterServer.Of(body, status: status);
        await using NodeHost getter = await StartAsync(new RoutingOptions { Routers = [router.Uri] });

        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(
            () => getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true, Timeout = TimeSpan.FromMinutes(10) }).AsTask().WaitAsync(_patience));

        Assert.Equal("BlockUnavailable", failure.ErrorId);
        Assert.Single(router.Requests);
    }

    [Fact]
    public async Task Without_a_router_nobody_is_asked_and_the_engine_is_answered()
    {
        await using NodeHost getter = await StartAsync(engine: new EngineOptions { FailFastWithoutPeers = true, ProviderSearch = true });
        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(
            () => getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience));
        Assert.Equal("BlockUnavailable", failure.ErrorId);
    }

    [Fact]
    public async Task A_fetch_tells_what_it_waits_for()
    {
        await using NodeHost provider = await StartAsync();
        await Samples.PutAsync(provider, [_block]);
        TaskCompletionSource answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RouterServer router = new(async (_, stream, token) =>
        {
            await answers.Task.WaitAsync(token);
            await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(RouterServer.Head("200 OK", "application/x-ndjson") + Record(provider)), token);
        });
        await using NodeHost getter = await StartAsync(new RoutingOptions { Routers = [router.Uri] });
        await using FetchSession session = new(getter);
        Assert.Null(session.WaitsFor());
        Task<ReadOnlyMemory<byte>> read = session.ReadAsync(_block.Cid).AsTask();

        await Poll.UntilAsync(() => session.WaitsFor() == $"looking for providers (asking {RouterUri.NameOf(router.Uri)})");
        answers.SetResult();

        await read.WaitAsync(_patience);
        Assert.Null(session.WaitsFor());
    }

    [Fact]
    public async Task Without_a_search_it_tells_how_many_peers_may_answer()
    {
        await using NodeHost getter = await StartAsync();
        await using NodeHost idle = await StartAsync();
        NodeWant open = await getter.WantAsync(_block.Cid, new WantOptions());
        Assert.Equal("no peer is connected", getter.WaitOf(open));

        await getter.ConnectAsync(idle.Addresses);
        Assert.Equal("waiting for 1 connected peer", getter.WaitOf(open));
        NodeWant narrow = await getter.WantAsync(_block.Cid, new WantOptions { OnlyPeers = [getter.PeerId] });
        Assert.Equal("no peer of those to ask is connected", getter.WaitOf(narrow));
    }

    [Fact]
    public async Task No_more_providers_are_dialled_for_a_search_than_is_set()
    {
        NodeHost[] idle = [await StartAsync(), await StartAsync(), await StartAsync(), await StartAsync()];
        await using RouterServer router = RouterServer.Of(string.Join("\n", idle.Select(node => Record(node))));
        await using NodeHost getter = await StartAsync(new RoutingOptions { Routers = [router.Uri], ProvidersPerSearch = 3 });

        await Assert.ThrowsAnyAsync<BitswapException>(
            () => getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience));

        Assert.Equal(3, getter.ConnectedPeers.Count);
        foreach (NodeHost node in idle)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_speaks_no_Bitswap_has_no_address_or_is_the_node_itself_is_not_dialled()
    {
        await using NodeHost gateway = await StartAsync();
        await using NodeHost hidden = await StartAsync();
        string records = "";
        await using RouterServer router = new((_, stream, token) =>
            stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(RouterServer.Head("200 OK", "application/x-ndjson") + records), token).AsTask());
        await using NodeHost getter = await StartAsync(new RoutingOptions { Routers = [router.Uri] });
        records = string.Join("\n", Record(gateway, "transport-ipfs-gateway-http"), $$"""{"Schema":"peer","ID":"{{hidden.PeerId}}","Addrs":[]}""", Record(getter));

        await Assert.ThrowsAnyAsync<BitswapException>(
            () => getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience));

        Assert.Empty(getter.ConnectedPeers);
    }

    [Fact]
    public async Task No_more_are_dialled_at_once_than_is_set_and_each_for_so_long()
    {
        // each dial takes a minute, and is given up after 100 ms
        await using NodeHost first = await StartAsync();
        await using NodeHost second = await StartAsync();
        await using NodeHost provider = await StartAsync();
        await Samples.PutAsync(provider, [_block]);
        await using RouterServer router = RouterServer.Of(string.Join("\n", Record(first), Record(second), Record(provider)));
        await using NodeHost getter = await StartAsync(
            new RoutingOptions { Routers = [router.Uri], MaxProviderDials = 1, ProviderDialTimeout = TimeSpan.FromMilliseconds(100) });
        foreach (NodeHost far in new[] { first, second })
        {
            _network.SetLine(getter.PeerId, far.PeerId, new MemoryLineOptions { Latency = TimeSpan.FromMinutes(1) });
        }

        long started = TimeProvider.System.GetTimestamp();
        await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);

        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromMilliseconds(190), _patience);
        Assert.Equal(provider.PeerId, Assert.Single(getter.ConnectedPeers));
    }

    [Fact]
    public async Task A_search_that_goes_on_ends_with_the_node()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using RouterServer router = new(async (_, _, token) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        NodeHost getter = await StartAsync(new RoutingOptions { Routers = [router.Uri] });
        NodeWant want = await getter.WantAsync(_block.Cid, new WantOptions { FailFast = true });
        await asked.Task.WaitAsync(_patience);

        await getter.StopAsync().WaitAsync(_patience);

        Assert.Equal("NodeStopped", (await Assert.ThrowsAnyAsync<BitswapException>(() => want.Completion)).ErrorId);
    }

    [Fact]
    public async Task Connected_peers_that_have_it_are_given_and_silence_is_bounded()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost idle = await StartAsync();
        await using NodeHost mute = await StartAsync();
        await using NodeHost asks = await StartAsync();
        await Samples.PutAsync(provider, [_block]);
        foreach (NodeHost peer in new[] { provider, idle, mute })
        {
            await asks.ConnectAsync(peer.Addresses);
        }

        _network.SetSilent(mute.PeerId, true);
        ProviderTally tally = new();
        List<FoundProvider> found = [];
        await foreach (FoundProvider one in new ConnectedPeers(asks, TimeSpan.FromSeconds(2), 2).FindAsync(_block.Cid, tally, default))
        {
            found.Add(one);
        }

        FoundProvider only = Assert.Single(found);
        Assert.Equal(provider.PeerId, only.Peer);
        Assert.Equal(provider.Addresses, only.Addresses);
        Assert.True(only.Latency > TimeSpan.Zero);
        Assert.Equal((3, 1), (tally.Records, tally.Providers));
        Assert.Empty(await asks.GetWantlistAsync());
    }

    private static string Record(NodeHost node, string protocol = "transport-bitswap") =>
        $$"""{"Schema":"peer","ID":"{{node.PeerId}}","Addrs":["{{node.Addresses[0]}}"],"Protocols":["{{protocol}}"]}""";

    private Task<NodeHost> StartAsync(RoutingOptions? routing = null, EngineOptions? engine = null) => NodeHost.StartAsync(new NodeOptions
    {
        Network = _network.CreatePeer(),
        Routing = routing ?? new RoutingOptions(),
        Engine = engine ?? new EngineOptions { FailFastWithoutPeers = true },
        Seed = 1,
    });
}
