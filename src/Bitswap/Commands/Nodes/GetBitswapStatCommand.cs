using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Node;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives a node's counters: blocks and bytes each way, duplicates, messages, wants, peers, time up.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapStat")]
[OutputType(typeof(BitswapStat))]
public sealed class GetBitswapStatCommand : NodeListCmdlet
{
    private protected override void Process(BitswapNode node)
    {
        NodeStat stat = PipelineThread.Wait(node.Host.GetStatAsync(StopToken));
        EngineStat engine = stat.Engine;
        WriteObject(new BitswapStat
        {
            Node = node.Name,
            Uptime = stat.Uptime,
            Peers = stat.Connections,
            Wants = engine.Subscriptions,
            BlocksReceived = engine.BlocksReceived,
            BytesReceived = engine.BytesReceived,
            BlocksSent = engine.BlocksSent,
            BytesSent = engine.BytesSent,
            DuplicateBlocks = engine.DuplicateBlocks,
            DuplicateBytes = engine.DuplicateBytes,
            UnwantedBlocks = engine.UnwantedBlocks,
            UnwantedBytes = engine.UnwantedBytes,
            MessagesReceived = engine.MessagesReceived,
            MessagesSent = engine.MessagesSent,
            MessagesFailed = engine.MessagesFailed,
            HavesReceived = engine.HavesReceived,
            HavesSent = engine.HavesSent,
            DontHavesReceived = engine.DontHavesReceived,
            DontHavesSent = engine.DontHavesSent,
            SimulatedDontHaves = engine.SimulatedDontHaves,
            WantlistsReceived = engine.WantlistsReceived,
            WantlistsSent = engine.WantlistsSent,
            WantsSent = engine.WantsSent,
            WantsResent = engine.WantsResent,
            CancelsSent = engine.CancelsSent,
            WantsSatisfied = engine.WantsSatisfied,
            WantsNotFound = engine.WantsNotFound,
            WantsTimedOut = engine.WantsTimedOut,
            ProviderSearches = engine.ProviderSearches,
            Redials = engine.Redials,
            PeerWantsReceived = engine.PeerWantsReceived,
            PeerWantsIgnored = engine.PeerWantsIgnored,
            PeerWantsEvicted = engine.PeerWantsEvicted,
            PeerWantsExpired = engine.PeerWantsExpired,
            PeerWantsDenied = engine.PeerWantsDenied,
            WantedBlocks = engine.Wants,
            AskedBlocks = engine.AskedBlocks,
            OutstandingWants = engine.OutstandingWants,
            QueuedWants = engine.QueuedWants,
            BroadcastWants = engine.BroadcastWants,
            ParkedWants = engine.ParkedWants,
            Sessions = engine.Sessions,
            PeerWants = engine.PeerWants,
            QueuedReplies = engine.QueuedReplies,
            ActiveReplies = engine.ActiveReplies,
            ActivePeers = engine.ActivePeers,
            MessagesInFlight = engine.MessagesInFlight,
            StoreRequests = engine.StoreRequests,
            QueuedLookups = engine.QueuedLookups,
            PendingBytes = engine.PendingBytes,
            StoringBytes = engine.StoringBytes,
            FilterDenied = stat.FilterDenied,
            FilterFailed = stat.FilterFailed,
            FilterLate = stat.FilterLate,
            CorruptBlocks = stat.CorruptBlocks,
            WantLatency = Spread(engine.WantLatency),
            AnswerLatency = Spread(engine.AnswerLatency),
            SendTimes = Spread(engine.SendTimes),
            ReceivedBlockSizes = Spread(engine.ReceivedBlockSizes),
            DuplicateBlockSizes = Spread(engine.DuplicateBlockSizes),
            SentBlockSizes = Spread(engine.SentBlockSizes),
        });
    }

    private static BitswapDistribution Spread(Distribution values) => new(values.Count, values.Mean, values.P50, values.P90, values.P99, values.Max);
}
