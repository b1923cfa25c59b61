using Bitswap.Libp2p.Connections;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Probing;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Networks;

/// <summary>Connections that a node needs for a moment.</summary>
public sealed class NodeLeaseTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 5);
    private readonly Block _block = Samples.Block(1);

    [Fact]
    public async Task A_peer_that_is_dialled_to_be_asked_is_let_go_by_the_last_who_asks_it()
    {
        await using NodeHost provider = await StartAsync();
        await using NodeHost asks = await StartAsync();
        using (await asks.LeaseAsync(provider.PeerId, provider.Addresses, null, default))
        {
            using (await asks.LeaseAsync(provider.PeerId, provider.Addresses, null, default))
            {
                Assert.Equal(provider.PeerId, Assert.Single(asks.ConnectedPeers));
            }

            Assert.Single(asks.ConnectedPeers);
        }

        await Poll.UntilAsync(() => asks.ConnectedPeers.Count == 0);
    }

    [Fact]
    public async Task A_peer_stays_that_was_connected_before_or_that_somebody_connects_to_meanwhile()
    {
        await using NodeHost before = await StartAsync();
        await using NodeHost meanwhile = await StartAsync();
        await using NodeHost asks = await StartAsync();
        await asks.ConnectAsync(before.Addresses);
        using (await asks.LeaseAsync(before.PeerId, before.Addresses, null, default))
        {
        }

        using (await asks.LeaseAsync(meanwhile.PeerId, meanwhile.Addresses, null, default))
        {
            await asks.ConnectAsync(meanwhile.Addresses);
        }

        Assert.Equal(2, asks.ConnectedPeers.Count);
    }

    [Fact]
    public async Task A_peer_to_keep_stays_kept_when_a_probe_hangs_up()
    {
        await using NodeHost kept = await StartAsync();
        await using NodeHost asks = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Peers = kept.Addresses });
        await Poll.UntilAsync(() => asks.ConnectedPeers.Count == 1);
        HaveAnswer said = await ProviderProbe.RunAsync(asks, _block.Cid, Named(kept), _patience, default);
        Assert.Equal("DontHave", said.Answer);
        Assert.Single(asks.ConnectedPeers);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_peer_stays_that_blocks_come_from_or_go_to(bool isGiver, bool overTcp)
    {
        await using NodeHost peer = await StartAsync(overTcp);
        await using NodeHost asks = await StartAsync(overTcp);
        await Samples.PutAsync(isGiver ? peer : asks, [_block]);
        using (ConnectionLease lease = await asks.LeaseAsync(peer.PeerId, peer.Addresses, null, default))
        {
            await (isGiver ? asks : peer).GetBlockAsync(_block.Cid, new WantOptions()).AsTask().WaitAsync(_patience);
        }

        await asks.PingAsync(peer.PeerId).AsTask().WaitAsync(_patience);
        Assert.Single(asks.ConnectedPeers);
    }

    private Task<NodeHost> StartAsync(bool overTcp = false) => NodeHost.StartAsync(overTcp ? new NodeOptions() : new NodeOptions { Network = _network.CreatePeer() });

    private static NamedProvider Named(NodeHost node)
    {
        NamedProvider named = new(node.PeerId, 16);
        named.Add(new FoundProvider(node.PeerId, node.Addresses, ProviderSourceKind.Delegated, []));
        return named;
    }
}
