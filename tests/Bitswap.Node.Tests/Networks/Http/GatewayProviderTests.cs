using System.Text.Json;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Probing;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>Providers that a router names with an address of HTTP.</summary>
public sealed class GatewayProviderTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly MemoryNetwork _network = new(seed: 5);
    private readonly PeerId _claimed = PrivateKey.Generate().PeerId;
    private readonly Block _block = Samples.Block(1);

    [Theory]
    [InlineData("transport-ipfs-gateway-http")]
    [InlineData(null)]
    public async Task One_is_asked_over_HTTP_and_is_a_peer_under_an_id_of_its_address(string? protocol)
    {
        await using TestGateway gateway = await TestGateway.StartAsync([_block]);
        await using RouterServer router = RouterServer.Of(Record(protocol, Plain(gateway)));
        await using NodeHost node = await StartAsync(router);

        Block got = await FetchAsync(node);

        Assert.True(got.Data.Span.SequenceEqual(_block.Data.Span));
        Assert.Equal(gateway.Address.PeerId, Assert.Single(node.ConnectedPeers));
        Assert.Equal("1 named: 1 connected", node.SearchReportOf(_block.Cid)!.Summary());
    }

    [Fact]
    public async Task Without_the_option_it_is_not_asked_and_told_as_HTTP()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([_block]);
        await using RouterServer router = RouterServer.Of(Record("transport-ipfs-gateway-http", Plain(gateway)));
        await using NodeHost node = await StartAsync(router, isOn: false);

        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(() => FetchAsync(node));

        Assert.Contains("Providers: 1 named: 1 HTTP.", failure.Message);
        Assert.Empty(gateway.Requests);
    }

    [Theory]
    [InlineData(451, "1 HTTP (answered 451)")]
    [InlineData(404, "1 HTTP (answered 404)")]
    [InlineData(429, "1 HTTP (rate limited)")]
    public async Task One_that_is_none_is_named_by_what_it_answered(int greeting, string told)
    {
        await using TestGateway site = await TestGateway.StartAsync([_block]);
        site.Greeting = greeting;
        await using RouterServer router = RouterServer.Of(Record("transport-ipfs-gateway-http", Plain(site)));
        await using NodeHost node = await StartAsync(router);

        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(() => FetchAsync(node));

        Assert.Contains($"Providers: 1 named: {told}.", failure.Message);
    }

    [Theory]
    [InlineData("/dns4/gateway.example/tcp/80/http")]
    [InlineData("/ip4/8.8.8.8/tcp/80/http")]
    public async Task In_plain_text_none_is_asked_that_is_far(string address)
    {
        await using RouterServer router = RouterServer.Of(Record("transport-ipfs-gateway-http", address));
        await using NodeHost node = await StartAsync(router);
        BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(() => FetchAsync(node));
        Assert.Contains("Providers: 1 named: 1 HTTP (address not allowed).", failure.Message);
    }

    [Fact]
    public async Task One_that_cannot_be_reached_is_told_as_such_and_not_asked_for_ever()
    {
        TestGateway gone = await TestGateway.StartAsync([]);
        string address = Plain(gone);
        await gone.DisposeAsync();
        await using RouterServer router = RouterServer.Of(Record("transport-ipfs-gateway-http", address));
        await using NodeHost node = await StartAsync(router);
        for (int i = 0; i < 4; i++)
        {
            BitswapException failure = await Assert.ThrowsAnyAsync<BitswapException>(() => FetchAsync(node));
            Assert.Contains("1 HTTP (could not be reached)", failure.Message);
        }

        BitswapException last = await Assert.ThrowsAnyAsync<BitswapException>(() => FetchAsync(node));
        Assert.Contains("1 HTTP (failed recently)", last.Message);
    }

    [Fact]
    public async Task One_that_is_a_peer_as_well_is_asked_as_both()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
        await using TestGateway gateway = await TestGateway.StartAsync([]);
        await Samples.PutAsync(provider, [_block]);
        await using RouterServer router = RouterServer.Of(Record(provider.PeerId, ["transport-bitswap", "transport-ipfs-gateway-http"], [provider.Addresses[0].ToString(), Plain(gateway)]));
        await using NodeHost node = await StartAsync(router);

        await FetchAsync(node);

        await Poll.UntilAsync(() => node.ConnectedPeers.Count == 2);
        Assert.Equal([provider.PeerId, gateway.Address.PeerId], node.ConnectedPeers.OrderBy(peer => peer.Equals(gateway.Address.PeerId)));
    }

    [Fact]
    public async Task One_is_probed_by_HEAD_and_let_go()
    {
        await using TestGateway gateway = await TestGateway.StartAsync([_block]);
        await using RouterServer router = RouterServer.Of(Record(null, Plain(gateway)));
        await using NodeHost node = await StartAsync(router);
        NamedProvider named = new(gateway.Address.PeerId, 8);
        await foreach (FoundProvider found in Assert.Single(node.Routing.Sources).FindAsync(_block.Cid, new ProviderTally(), default))
        {
            named.Add(Assert.Single(node.Routing.PartsOf(found)));
        }

        HaveAnswer said = await ProviderProbe.RunAsync(node, _block.Cid, named, _patience, default);

        Assert.Equal("Have", said.Answer);
        Assert.Null(named.Obstacle);
        Assert.Equal("HEAD", Assert.Single(gateway.Requests).Method);
        await Poll.UntilAsync(() => node.ConnectedPeers.Count == 0);
    }

    [Fact]
    public async Task There_are_as_many_as_may_be_and_the_one_of_least_use_gives_way()
    {
        await using TestGateway first = await TestGateway.StartAsync([_block]);
        await using TestGateway second = await TestGateway.StartAsync([Samples.Block(2)]);
        await using RouterServer router = RouterServer.ByPath(path =>
            Record(null, Plain(path.Contains(_block.Cid.ToString(), StringComparison.Ordinal) ? first : second)));
        await using NodeHost node = await StartAsync(router, maxGateways: 1);

        await FetchAsync(node);
        Assert.Equal(first.Address.PeerId, Assert.Single(node.ConnectedPeers));
        await node.GetBlockAsync(Samples.Block(2).Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);

        Assert.Equal(second.Address.PeerId, Assert.Single(node.ConnectedPeers));
    }

    private static string Plain(TestGateway gateway) => $"/ip4/127.0.0.1/tcp/{gateway.Uri.Port}/http";

    private string Record(string? protocol, string address) => Record(_claimed, protocol is null ? [] : [protocol], [address]);

    private static string Record(PeerId peer, string[] protocols, string[] addresses) =>
        JsonSerializer.Serialize(new { Schema = "peer", ID = peer.ToString(), Addrs = addresses, Protocols = protocols });

    private Task<Block> FetchAsync(NodeHost node) =>
        node.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true, Timeout = _patience }).AsTask().WaitAsync(_patience);

    private Task<NodeHost> StartAsync(RouterServer router, bool isOn = true, int maxGateways = 64) => NodeHost.StartAsync(new NodeOptions
    {
        Network = _network.CreatePeer(),
        Routing = new RoutingOptions { Routers = [router.Uri] },
        Http = new HttpRetrievalOptions { HttpRetrieval = isOn, MaxGateways = maxGateways },
        Engine = new EngineOptions { FailFastWithoutPeers = true },
    });
}
