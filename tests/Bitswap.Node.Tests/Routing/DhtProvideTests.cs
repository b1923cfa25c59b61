using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>A node that tells a DHT of what it has.</summary>
public sealed class DhtProvideTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Block _block = Samples.Block(1);

    [Fact]
    public async Task Another_node_that_knows_the_CID_alone_fetches_what_was_announced()
    {
        await using DhtServerNode dht = await DhtServerNode.StartAsync();
        dht.Answer = type => type == DhtAnswers.GetProviders ? [.. dht.Provided.SelectMany(provider => provider)] : [];
        await using NodeHost provider = await StartAsync(dht);
        await Samples.PutAsync(provider, [_block]);

        ToldPeer[] told = await Assert.Single(provider.Routing.Targets).ProvideAsync(_block.Cid, default).ToArrayAsync().AsTask().WaitAsync(_patience);

        Assert.Equal([new ToldPeer(dht.Node.PeerId, null, false)], told);
        await using NodeHost getter = await StartAsync(dht);
        Block got = await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);
        Assert.True(got.Data.Span.SequenceEqual(_block.Data.Span));
        Assert.Contains(provider.PeerId, getter.ConnectedPeers);
    }

    [Fact]
    public async Task A_node_that_listens_nowhere_tells_nobody_and_says_so()
    {
        await using DhtServerNode dht = await DhtServerNode.StartAsync();
        await using NodeHost provider = await StartAsync(dht, isListening: false);

        ToldPeer told = Assert.Single(await Assert.Single(provider.Routing.Targets).ProvideAsync(_block.Cid, default).ToArrayAsync().AsTask().WaitAsync(_patience));

        Assert.True(told.IsOutOfReach);
        Assert.Contains("listens on no address", told.Refusal, StringComparison.Ordinal);
        Assert.Empty(dht.Provided);
    }

    [Fact]
    public async Task Routers_are_no_targets()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { Routers = [new Uri("http://127.0.0.1:1")] } });

        Assert.Single(node.Routing.Sources);
        Assert.Empty(node.Routing.Targets);
    }

    private static Task<NodeHost> StartAsync(DhtServerNode dht, bool isListening = true)
    {
        NodeOptions options = new() { Routing = new RoutingOptions { DhtBootstrap = dht.Node.Addresses }, Engine = new EngineOptions { FailFastWithoutPeers = true } };
        return NodeHost.StartAsync(isListening ? options : options with { ListenAddresses = [] });
    }
}
