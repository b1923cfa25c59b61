using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Peers;

public sealed class PeerScoreTests
{
    private readonly MemoryNetwork _network = new(seed: 3);

    [Fact]
    public async Task A_peer_that_takes_blocks_scores_more_than_none_and_one_that_gives_most()
    {
        Scored network = new(_network.CreatePeer());
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Network = network });
        await using NodeHost giver = await StartAsync();
        await using NodeHost taker = await StartAsync();
        await using NodeHost idle = await StartAsync();
        Block[] blocks = Samples.Blocks(2);
        await Samples.PutAsync(giver, blocks[..1]);
        await Samples.PutAsync(node, blocks[1..]);
        foreach (NodeHost other in new[] { giver, taker, idle })
        {
            await other.ConnectAsync(node.Addresses);
        }

        await node.GetBlockAsync(blocks[0].Cid, new WantOptions());
        await taker.GetBlockAsync(blocks[1].Cid, new WantOptions());

        await Poll.UntilAsync(() => network.Score(taker.PeerId) > 0, "what was sent is noted");
        Assert.Equal(0, network.Score(idle.PeerId));
        Assert.True(network.Score(giver.PeerId) > network.Score(taker.PeerId));
        await node.DisconnectAsync(taker.PeerId);
        await Poll.UntilAsync(() => network.Score(taker.PeerId) == 0, "it is forgotten when it is gone");
    }

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });

    /// <summary>A network that is told what peers are worth.</summary>
    private sealed class Scored(IPeerNetwork inner) : WrappedNetwork(inner), IPeerNetwork
    {
        public Func<PeerId, double> Score { get; private set; } = _ => double.NaN;

        public void UseScores(Func<PeerId, double> score) => Score = score;
    }
}
