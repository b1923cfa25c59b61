using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Providing;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

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

        ToldRegion told = Assert.Single(await ProvideAsync(provider, _block));

        Assert.Equal(_block.Cid.Hash.Bytes.ToArray(), Assert.Single(told.Keys));
        Assert.Equal(new ToldPeer(dht.Node.PeerId, null, false), Assert.Single(told.Shares).Peer);
        await using NodeHost getter = await StartAsync(dht);
        Block got = await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);
        Assert.True(got.Data.Span.SequenceEqual(_block.Data.Span));
        Assert.Contains(provider.PeerId, getter.ConnectedPeers);
    }

    [Fact]
    public async Task Many_blocks_are_told_with_one_lookup()
    {
        await using DhtServerNode dht = await DhtServerNode.StartAsync();
        await using NodeHost provider = await StartAsync(dht);
        Block[] blocks = Samples.Blocks(300);

        ToldRegion told = Assert.Single(await ProvideAsync(provider, blocks));

        Assert.Equal(300, told.CountTaken());
        Assert.Equal(
            blocks.Select(block => Convert.ToHexString(block.Cid.Hash.Bytes)).Order(),
            dht.ProvidedKeys.Select(Convert.ToHexString).Order());
    }

    [Fact]
    public async Task A_node_that_listens_nowhere_tells_nobody_and_says_so()
    {
        await using DhtServerNode dht = await DhtServerNode.StartAsync();
        await using NodeHost provider = await StartAsync(dht, isListening: false);

        ToldRegion region = Assert.Single(await ProvideAsync(provider, _block));

        ToldPeer told = Assert.Single(region.Shares).Peer;
        Assert.True(told.IsOutOfReach);
        Assert.Contains("listens on no address", told.Refusal, StringComparison.Ordinal);
        Assert.Equal((told.Refusal, 0), (region.Failure, region.CountTaken()));
        Assert.Empty(dht.Provided);
    }

    [Fact]
    public async Task A_DHT_of_which_no_peer_answers_is_an_error()
    {
        DhtServerNode gone = await DhtServerNode.StartAsync();
        await using NodeHost provider = await StartAsync(gone);
        await gone.DisposeAsync();

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => ProvideAsync(provider, _block));

        Assert.Equal("RouterUnreachable", failure.ErrorId);
    }

    [Fact]
    public async Task Routers_are_no_targets()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { Routers = [new Uri("http://127.0.0.1:1")] } });

        Assert.Single(node.Routing.Sources);
        Assert.Empty(node.Routing.Targets);
    }

    [Theory]
    [InlineData(ProvideStrategy.Roots)]
    [InlineData(ProvideStrategy.All)]
    public async Task With_the_option_Provide_what_is_added_is_announced_by_itself(ProvideStrategy strategy)
    {
        await using DhtServerNode dht = await DhtServerNode.StartAsync();
        await using NodeHost node = await StartAsync(dht, strategy: strategy);
        await Samples.PutAsync(node, [_block]);
        node.NoteRoot(_block.Cid);

        await Poll.UntilAsync(() => !dht.ProvidedKeys.IsEmpty, "the block was announced");

        Assert.Equal(_block.Cid.Hash.Bytes.ToArray(), dht.ProvidedKeys.First());
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Providing is { Announced: 1, Failed: 0, Waiting: 0, Failure: null }, "it is counted");
    }

    [Fact]
    public async Task Without_a_DHT_the_option_Provide_is_refused()
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { Provide = ProvideStrategy.All } }));

        Assert.Equal("Provide", refused.ParamName);
        Assert.Contains("DhtBootstrap", refused.Message, StringComparison.Ordinal);
    }

    private static Task<NodeHost> StartAsync(DhtServerNode dht, bool isListening = true, ProvideStrategy strategy = ProvideStrategy.None)
    {
        NodeOptions options = new() { Routing = new RoutingOptions { DhtBootstrap = dht.Node.Addresses, Provide = strategy }, Engine = new EngineOptions { FailFastWithoutPeers = true } };
        return NodeHost.StartAsync(isListening ? options : options with { ListenAddresses = [] });
    }

    private static async Task<List<ToldRegion>> ProvideAsync(NodeHost node, params Block[] blocks)
    {
        List<ToldRegion> regions = [];
        using SemaphoreSlim streams = new(8);
        await new ProvideRun(Assert.Single(node.Routing.Targets), streams, TimeProvider.System).RunAsync(
            [.. blocks.Select(block => block.Cid.Hash)],
            region =>
            {
                lock (regions)
                {
                    regions.Add(region);
                }

                return ValueTask.CompletedTask;
            },
            CancellationToken.None).WaitAsync(_patience);
        return regions;
    }
}
