using Bitswap.Protocol.Client;
using Bitswap.Protocol.Server;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Core;

/// <summary>Snapshots for those who look in.</summary>
internal sealed class EngineView(EngineContext context, ClientSide client, ServerSide server)
{
    public IReadOnlyList<WantlistItem> Wantlist()
    {
        var items = new List<WantlistItem>(client.Interests.Count);
        foreach (ClientWant want in client.Wants.Values)
        {
            IReadOnlyList<PeerAnswer> answers = client.Ending.TableOf(want);
            foreach (Interest interest in want.Interests)
            {
                items.Add(new WantlistItem(
                    interest.Id,
                    interest.Cid,
                    interest.Priority,
                    interest.WantsBlock ? WantType.Block : WantType.Have,
                    interest.Session.Id,
                    want.Created,
                    StateOf(want.State),
                    answers));
            }
        }

        return items;
    }

    public IReadOnlyList<PeerWantlistItem> PeerWantlist(PeerId peer)
    {
        if (!context.Peers.TryGetValue(peer, out Peer? connected))
        {
            return [];
        }

        var items = new List<PeerWantlistItem>(connected.Queue.Wants.Count);
        foreach (ServedWant want in connected.Queue.Wants.Values)
        {
            items.Add(new PeerWantlistItem(peer, want.Cid, want.Priority, want.Type, want.Size >= 0));
        }

        return items;
    }

    public IReadOnlyList<EnginePeer> Peers()
    {
        var peers = new List<EnginePeer>(context.PeerList.Count);
        foreach (Peer peer in context.PeerList)
        {
            PeerLink link = peer.Link;
            PeerQueue queue = peer.Queue;
            peers.Add(new EnginePeer(
                peer.Id, peer.Version, link.Latency, link.OnWire, link.Queued, queue.Wants.Count, queue.ReadyCount, queue.ReadyBytes + queue.OutstandingBytes));
        }

        return peers;
    }

    public IReadOnlyList<LedgerSnapshot> Ledgers()
    {
        var ledgers = new List<LedgerSnapshot>(server.Ledgers.Count);
        foreach (Ledger ledger in server.Ledgers.All)
        {
            ledgers.Add(ledger.Snapshot(context.Now));
        }

        return ledgers;
    }

    public EngineStat Stat()
    {
        int peerWants = 0;
        int queued = 0;
        long pending = 0;
        foreach (Peer peer in context.PeerList)
        {
            peerWants += peer.Queue.Wants.Count;
            queued += peer.Queue.ReadyCount;
            pending += peer.Queue.ReadyBytes + peer.Queue.OutstandingBytes;
        }

        EngineCounters c = context.Counters;
        return new EngineStat
        {
            MessagesSent = c.MessagesSent,
            MessagesFailed = c.MessagesFailed,
            MessagesReceived = c.MessagesReceived,
            BlocksReceived = c.BlocksReceived,
            BytesReceived = c.BytesReceived,
            DuplicateBlocks = c.DuplicateBlocks,
            DuplicateBytes = c.DuplicateBytes,
            UnwantedBlocks = c.UnwantedBlocks,
            UnwantedBytes = c.UnwantedBytes,
            BlocksSent = c.BlocksSent,
            BytesSent = c.BytesSent,
            HavesSent = c.HavesSent,
            DontHavesSent = c.DontHavesSent,
            HavesReceived = c.HavesReceived,
            DontHavesReceived = c.DontHavesReceived,
            SimulatedDontHaves = c.SimulatedDontHaves,
            WantsSent = c.WantsSent,
            WantsResent = c.WantsResent,
            CancelsSent = c.CancelsSent,
            WantsSatisfied = c.WantsSatisfied,
            WantsNotFound = c.WantsNotFound,
            WantsTimedOut = c.WantsTimedOut,
            ProviderSearches = c.ProviderSearches,
            PeerWantsReceived = c.PeerWantsReceived,
            PeerWantsIgnored = c.PeerWantsIgnored,
            PeerWantsEvicted = c.PeerWantsEvicted,
            PeerWantsExpired = c.PeerWantsExpired,
            PeerWantsDenied = c.PeerWantsDenied,
            Peers = context.PeerList.Count,
            Wants = client.Wants.Count,
            Interests = client.Interests.Count,
            PeerWants = peerWants,
            QueuedReplies = queued,
            PendingBytes = pending,
        };
    }

    private static WantlistState StateOf(WantState state) => state switch
    {
        WantState.Looking => WantlistState.Looking,
        WantState.Fresh or WantState.AwaitingBroadcast => WantlistState.Waiting,
        WantState.Parked => WantlistState.NotFound,
        WantState.Storing => WantlistState.Storing,
        _ => WantlistState.Asking,
    };
}
