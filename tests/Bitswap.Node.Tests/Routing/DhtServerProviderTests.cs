using Bitswap.Node.Probing;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Routing;

/// <summary>A provider that is itself a server of the DHT, on the way of the lookup that finds it: the lookup's connection and the fetch's are one.</summary>
public sealed class DhtServerProviderTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly Block _block = Samples.Block(1);
    private DhtServerNode _provider = null!;
    private DhtServerNode _first = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await DhtServerNode.StartAsync();
        _first = await DhtServerNode.StartAsync();
        await Samples.PutAsync(_provider.Node, [_block]);
        byte[] named = DhtAnswers.Provider(_provider.Node.PeerId, _provider.Node.Addresses);
        _provider.Answer = type => type == DhtAnswers.GetProviders ? named : [];
        _first.Answer = type => [.. type == DhtAnswers.GetProviders ? named : [], .. DhtAnswers.Closer(_provider.Node.PeerId, _provider.Node.Addresses)];
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_fetched_from(bool isFirst)
    {
        for (int i = 0; i < 8; i++)
        {
            await using NodeHost getter = await StartAsync(isFirst);

            Block got = await getter.GetBlockAsync(_block.Cid, new WantOptions { FailFast = true }).AsTask().WaitAsync(_patience);

            Assert.True(got.Data.Span.SequenceEqual(_block.Data.Span));
            Assert.Contains(_provider.Node.PeerId, getter.ConnectedPeers);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_probed_right_and_let_go(bool isFirst)
    {
        for (int i = 0; i < 8; i++)
        {
            await using NodeHost asks = await StartAsync(isFirst);
            List<Task<HaveAnswer>> probes = [];
            await foreach (FoundProvider found in Assert.Single(asks.Routing.Sources).FindAsync(_block.Cid, new ProviderTally(), default))
            {
                NamedProvider named = new(found.Peer, 16);
                named.Add(found);
                probes.Add(ProviderProbe.RunAsync(asks, _block.Cid, named, _patience, default));
            }

            Assert.Equal("Have", (await Assert.Single(probes)).Answer);
            await Poll.UntilAsync(() => asks.ConnectedPeers.Count == 0, "nobody needs a connection any more");
        }
    }

    private Task<NodeHost> StartAsync(bool isFirst) => NodeHost.StartAsync(new NodeOptions
    {
        Routing = new RoutingOptions { DhtBootstrap = isFirst ? _provider.Node.Addresses : _first.Node.Addresses },
        Engine = new EngineOptions { FailFastWithoutPeers = true },
    });
}
