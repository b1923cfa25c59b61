using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>The providers that a link names, and which of them are dialled.</summary>
public sealed class HintDiallerTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_first_that_is_connected_ends_the_wait_and_one_that_says_nothing_does_not_hold_it_up()
    {
        using TcpListener mute = new(IPAddress.Loopback, 0);
        mute.Start();
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { ProviderDialTimeout = TimeSpan.FromMinutes(5) } });

        HintReport report = await ConnectAsync(node, Address($"/ip4/127.0.0.1/tcp/{((IPEndPoint)mute.LocalEndpoint).Port}"), provider.Addresses[0]);

        Assert.True(report.IsConnected);
        Assert.Empty(report.Problems);
        Assert.Equal(provider.PeerId, Assert.Single(node.ConnectedPeers));
    }

    [Fact]
    public async Task Of_each_that_cannot_be_had_the_reason_is_told()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Routing = new RoutingOptions { ProviderDialTimeout = TimeSpan.FromSeconds(2) } });
        string[] hints =
        [
            "/ip4/127.0.0.1/udp/4001/quic-v1/p2p/" + PrivateKey.Generate().PeerId,
            "/ip4/127.0.0.1/tcp/4001",
            "/dns4/gateway.example/tcp/443/https",
        ];

        HintReport report = await ConnectAsync(node, [.. hints.Select(Multiaddr.Parse), Address("/ip4/127.0.0.1/tcp/1")]);

        Assert.False(report.IsConnected);
        Assert.Contains("dials TCP and WebSocket", report.Problems[0]);
        Assert.Contains("names no peer", report.Problems[1]);
        Assert.Contains("HttpRetrieval", report.Problems[2]);
        Assert.Equal(4, report.Problems.Count);
    }

    [Fact]
    public async Task What_is_nearer_than_the_own_addresses_is_not_dialled()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        HintDialler hints = new(null!, node.Routing, TimeProvider.System);

        HintReport report = await hints.ConnectAsync([provider.Addresses[0]], Bitswap.Libp2p.Addresses.AddressScope.Network, default);

        Assert.False(report.IsConnected);
        Assert.Contains("nearer than the addresses of this node", Assert.Single(report.Problems));
    }

    [Fact]
    public async Task No_more_are_dialled_than_one_link_may_name()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        Multiaddr[] many = [.. Enumerable.Range(0, HintDialler.MaxHints).Select(_ => Multiaddr.Parse("/ip4/127.0.0.1/tcp/4001")), provider.Addresses[0]];

        Assert.False((await ConnectAsync(node, many)).IsConnected);
        Assert.True((await ConnectAsync(node, many[1..])).IsConnected);
    }

    [Fact]
    public async Task A_gateway_in_a_link_is_asked_where_gateways_are()
    {
        Block block = Samples.Block(1);
        await using TestGateway gateway = await TestGateway.StartAsync([block]);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Http = new HttpRetrievalOptions { HttpRetrieval = true } });

        HintReport report = await ConnectAsync(node, Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{gateway.Uri.Port}/http"));

        Assert.True(report.IsConnected, string.Join(' ', report.Problems));
        Assert.True((await node.GetBlockAsync(block.Cid, new WantOptions()).AsTask().WaitAsync(_patience)).Data.Span.SequenceEqual(block.Data.Span));
    }

    [Fact]
    public async Task A_node_shares_the_addresses_that_reach_farthest()
    {
        await using NodeHost near = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost deaf = await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [] });

        Assert.Equal(near.Addresses, near.SharedAddresses);
        Assert.True(near.IsMachineOnly);
        Assert.Empty(deaf.SharedAddresses);
    }

    private static Multiaddr Address(string transport) => Multiaddr.Parse($"{transport}/p2p/{PrivateKey.Generate().PeerId}");

    private static Task<HintReport> ConnectAsync(NodeHost node, params Multiaddr[] hints) => node.ConnectHintsAsync(hints, default).AsTask().WaitAsync(_patience);
}
