using Bitswap.Node;
using Bitswap.Node.Routing;
using Bitswap.Nodes;

namespace Bitswap.Tests;

/// <summary>What a node for one call is started with.</summary>
public sealed class CallNodeTests
{
    private static readonly Uri _gateway = new("https://gateway.example");

    [Fact]
    public void With_Public_it_asks_what_a_node_of_the_public_network_asks_and_serves_nothing()
    {
        NodeOptions options = CallNode.OptionsFor(isPublic: true, []);

        Assert.Equal(PublicNetwork.Routers, options.Routing.Routers);
        Assert.Equal(PublicNetwork.DhtBootstrap, options.Routing.DhtBootstrap);
        Assert.True(options.Routing.ResolveNames);
        Assert.True(options.Http.HttpRetrieval);
        Assert.True(options.Engine.ClientOnly);
        Assert.Empty(options.ListenAddresses);
    }

    [Fact]
    public void With_gateways_alone_it_asks_no_other()
    {
        NodeOptions options = CallNode.OptionsFor(isPublic: false, [_gateway, _gateway]);

        Assert.Equal([_gateway], options.Http.Gateways);
        Assert.False(options.Http.HttpRetrieval);
        Assert.Empty(options.Routing.Routers);
        Assert.Empty(options.Routing.DhtBootstrap);
        Assert.False(options.Routing.ResolveNames);
    }
}
