using Bitswap.Protocol.Core;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>What must be true of every run of the simulation.</summary>
internal static class SimChecks
{
    /// <summary>For each pair, what the one says to have sent is what the other got and what was lost on the way.</summary>
    public static void CountersAddUp(SimNetwork network)
    {
        network.RunFor(TimeSpan.FromSeconds(2));
        var received = new Dictionary<PeerId, int>();
        foreach (((PeerId From, PeerId To) pair, int count) in network.Blocks)
        {
            received[pair.To] = received.GetValueOrDefault(pair.To) + count;
        }

        foreach (SimNode from in network.Nodes)
        {
            long blocks = 0;
            long bytes = 0;
            foreach (LedgerSnapshot ledger in from.Engine.Ledgers())
            {
                (int lost, long lostBytes) = network.Lost.GetValueOrDefault((from.Id, ledger.Peer));
                Assert.Equal(network.Blocks.GetValueOrDefault((from.Id, ledger.Peer)) + lost, ledger.BlocksSent);
                Assert.Equal(network.BlockBytes.GetValueOrDefault((from.Id, ledger.Peer)) + lostBytes, ledger.BytesSent);
                blocks += ledger.BlocksSent;
                bytes += ledger.BytesSent;
            }

            EngineStat stat = from.Engine.Stat();
            Assert.Equal((blocks, bytes), (stat.BlocksSent, stat.BytesSent));
            Assert.Equal(stat.BlocksSent, stat.SentBlockSizes.Count);
            Assert.Equal(received.GetValueOrDefault(from.Id), stat.BlocksReceived + stat.DuplicateBlocks + stat.UnwantedBlocks);
            Assert.Equal(stat.BlocksReceived + stat.DuplicateBlocks + stat.UnwantedBlocks, stat.ReceivedBlockSizes.Count);
            Assert.Equal(stat.BlocksReceived, from.Engine.Ledgers().Sum(l => l.BlocksReceived));
        }
    }

    /// <summary>When all is over, an engine holds nothing but connections, ledgers and what it remembers of sessions.</summary>
    public static void NothingIsLeft(SimNetwork network)
    {
        network.RunFor(TimeSpan.FromSeconds(2));
        foreach (SimNode node in network.Nodes)
        {
            EngineStat stat = node.Engine.Stat();
            Assert.Equal((0, 0, 0, 0L), (stat.Wants, stat.Subscriptions, stat.QueuedReplies, stat.PendingBytes));
            Assert.All(node.Engine.Peers(), p => Assert.Equal((0, 0), (p.OutstandingWants, p.Wants)));
            Assert.Equal((0, 0, 0), (stat.StoreRequests, stat.MessagesInFlight, stat.ActiveReplies));
            Assert.Equal(0, node.Engine.Server.Wantlists.Waiting.Count);
        }
    }

    public static void Bounded(SimNetwork network)
    {
        foreach (SimNode node in network.Nodes)
        {
            Bounded(node);
        }
    }

    /// <summary>What an engine holds is within its limits and in proportion to the wants that are open: nothing grows with what was.</summary>
    public static void Bounded(SimNode node)
    {
        BitswapEngine engine = node.Engine;
        EngineOptions options = engine.Options;
        int wants = engine.Client.Wants.All.Count;
        int peers = engine.ConnectedPeers.Count;
        Assert.InRange(engine.Context.OpenRequests, 0, 3 * options.MaxStoreRequests);
        Assert.InRange(engine.Client.Sessions.Count, 0, options.MaxIdleSessions + engine.Client.Wants.Subscriptions.Count);
        Assert.InRange(engine.Server.Ledgers.Count, 0, options.MaxLedgers + peers);
        Assert.InRange(engine.Context.Timers.Count, 0, (2 * peers) + wants + engine.Client.Wants.Subscriptions.Count + (2 * engine.Client.Sessions.Count) + options.MaxProviderSearches + 1);
        foreach (ConnectedPeer peer in engine.ConnectedPeers)
        {
            Assert.InRange(peer.Requests.ByHash.Count, 0, wants);
            Assert.InRange(peer.Requests.Awaited, 0, options.MaxOutstandingWants);
            Assert.InRange(peer.Requests.InFlight.Count, 0, options.MaxWantMessagesInFlight);
            Assert.InRange(peer.Requests.Backlog.RawCount, 0, 128 + (2 * peer.Requests.Queued));
            PeerQueue queue = peer.Queue;
            Assert.InRange(queue.Wants.Count - queue.SendingCount, 0, options.MaxPeerWants);
            Assert.InRange(queue.UncheckedCount, 0, (2 * options.MaxPeerWants) + 1);
            Assert.InRange(queue.RawReadyCount, 0, 128 + (2 * queue.ReadyCount));

            // The last reply that was begun may go over by one block.
            Assert.InRange(queue.OutstandingBytes, 0, options.MaxOutstandingReplyBytes + options.MaxMessageSize);
        }
    }
}
