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
                    client.Ending.TableOf(interest)));
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
            items.Add(new PeerWantlistItem(peer, want.Cid, want.Priority, want.Type, want.Size >= 0, want.Received));
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
        int sending = 0;
        int active = 0;
        int outstanding = 0;
        int asked = 0;
        int toTell = 0;
        int inFlight = 0;
        int unchecked_ = 0;
        long pending = 0;
        foreach (Peer peer in context.PeerList)
        {
            peerWants += peer.Queue.Wants.Count;
            queued += peer.Queue.ReadyCount;
            sending += peer.Queue.SendingCount;
            active += peer.Queue.IsActive ? 1 : 0;
            unchecked_ += peer.Queue.Unchecked.Count;
            outstanding += peer.Link.OnWire;
            asked += peer.Link.BlocksAsked;
            toTell += peer.Link.Queued + peer.Link.Cancels.Count;
            inFlight += peer.Link.InFlight.Count + peer.Queue.InFlight.Count;
            pending += peer.Queue.ReadyBytes + peer.Queue.OutstandingBytes;
        }

        int sessions = 0;
        int broadcast = 0;
        foreach (Session session in client.Sessions.All)
        {
            sessions += session.OpenInterests > 0 ? 1 : 0;
            broadcast += session.Broadcasting;
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
            WantsMoved = c.WantsMoved,
            CancelsSent = c.CancelsSent,
            WantsSatisfied = c.WantsSatisfied,
            WantsNotFound = c.WantsNotFound,
            WantsTimedOut = c.WantsTimedOut,
            ProviderSearches = c.ProviderSearches,
            Redials = c.Redials,
            WantlistsSent = c.WantlistsSent,
            WantlistsReceived = c.WantlistsReceived,
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
            ActiveReplies = sending,
            PendingBytes = pending,
            ActivePeers = active,
            OutstandingWants = outstanding,
            AskedBlocks = asked,
            QueuedWants = toTell,
            BroadcastWants = broadcast,
            ParkedWants = client.Parked.Count,
            Sessions = sessions,
            MessagesInFlight = inFlight,
            StoreRequests = context.OpenRequests + client.Answers.StoringCount,
            QueuedLookups = client.Lookup.QueuedCount + unchecked_,
            StoringBytes = client.Pump.StoringBytes,
            WantLatency = c.WantLatency.Snapshot(),
            AnswerLatency = c.AnswerLatency.Snapshot(),
            SendTimes = c.SendTimes.Snapshot(),
            ReceivedBlockSizes = c.ReceivedSizes.Snapshot(),
            DuplicateBlockSizes = c.DuplicateSizes.Snapshot(),
            SentBlockSizes = c.SentSizes.Snapshot(),
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
