using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests;

public sealed class PruningTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_peer_that_gave_most_survives_pruning()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions
        {
            ConfigureHost = host => host with { HighWater = 3, LowWater = 2, PruneGracePeriod = TimeSpan.Zero },
        });
        NodeHost[] givers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => NodeHost.StartAsync(new NodeOptions())));
        try
        {
            // the second gives much; the first, which is older, little; the others nothing
            Block[] much = Samples.Blocks(8, 50_000);
            Block little = Samples.Block(100, 10);
            await Samples.PutAsync(givers[1], much);
            await Samples.PutAsync(givers[0], [little]);
            await node.ConnectAsync(givers[0].Addresses);
            await node.ConnectAsync(givers[1].Addresses);
            await Task.WhenAll(much.Append(little).Select(block => node.GetBlockAsync(block.Cid, new WantOptions { Timeout = _patience }).AsTask())).WaitAsync(_patience);
            await node.ConnectAsync(givers[2].Addresses);

            // the fourth is one too many; it may be closed before the call has found it connected
            try
            {
                await node.ConnectAsync(givers[3].Addresses);
            }
            catch (BitswapException closed) when (closed.ErrorId is "PeerUnreachable" or "ConnectionClosed")
            {
            }

            // the other that stays is the one that gave little, or the fourth while its dial is under way
            await Poll.UntilAsync(() => Task.FromResult(node.ConnectedPeers.Count == 2));
            Assert.Contains(givers[1].PeerId, node.ConnectedPeers);
        }
        finally
        {
            await Task.WhenAll(givers.Select(giver => giver.StopAsync()));
        }
    }
}
