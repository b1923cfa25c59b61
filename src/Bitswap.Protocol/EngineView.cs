using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol;

/// <summary>Represents a connected peer with what both halves of the engine keep of it.</summary>
internal sealed record ConnectedPeer(Peer Peer, PeerRequests Requests, PeerQueue Queue);

/// <summary>Makes snapshots for those who look in.</summary>
internal sealed class EngineView(EngineContext context, ClientSide client, ServerSide server, IReadOnlyList<ConnectedPeer> connectedPeers)
{
    public IReadOnlyList<WantlistItem> Wantlist()
    {
        var items = new List<WantlistItem>(client.Wants.Subscriptions.Count);
        foreach (ClientWant want in client.Wants.All.Values)
        {
            foreach (WantSubscription subscription in want.Subscriptions)
            {
                items.Add(new WantlistItem(
                    subscription.Id,
                    subscription.Cid,
                    subscription.Priority,
                    subscription.WantsBlock ? WantType.Block : WantType.Have,
                    subscription.Session.Id,
                    want.Created,
                    StateOf(want.State),
                    client.Report.Of(subscription)));
            }
        }

        return items;
    }

    public static IReadOnlyList<PeerWantlistItem> PeerWantlist(PeerQueue queue)
    {
        var items = new List<PeerWantlistItem>(queue.Wants.Count);
        foreach (PeerTask want in queue.Wants.Values)
        {
            items.Add(new PeerWantlistItem(queue.Peer.Id, want.Cid, want.Priority, want.Type, want.Size >= 0, want.Received));
        }

        return items;
    }

    public IReadOnlyList<EnginePeer> Peers()
    {
        var peers = new List<EnginePeer>(connectedPeers.Count);
        foreach ((Peer peer, PeerRequests requests, PeerQueue queue) in connectedPeers)
        {
            peers.Add(new EnginePeer(
                peer.Id, peer.Version, requests.Performance.Latency, requests.OnWire, requests.Queued, queue.Wants.Count, queue.ReadyCount, queue.ReadyBytes + queue.OutstandingBytes));
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
        foreach (ConnectedPeer peer in connectedPeers)
        {
            peerWants += peer.Queue.Wants.Count;
            queued += peer.Queue.ReadyCount;
            sending += peer.Queue.SendingCount;
            active += peer.Queue.IsActive ? 1 : 0;
            unchecked_ += peer.Queue.UncheckedCount;
            outstanding += peer.Requests.OnWire;
            asked += peer.Requests.BlocksRequested;
            toTell += peer.Requests.Queued + peer.Requests.Cancels.Count;
            inFlight += peer.Requests.InFlight.Count + peer.Queue.InFlight.Count;
            pending += peer.Queue.ReadyBytes + peer.Queue.OutstandingBytes;
        }

        int sessions = 0;
        int broadcast = 0;
        foreach (Session session in client.Sessions.All)
        {
            sessions += session.OpenSubscriptions > 0 ? 1 : 0;
            broadcast += session.Broadcasting;
        }

        EngineMeasures measured = context.Measures;
        return new EngineStat(context.Counters)
        {
            Peers = connectedPeers.Count,
            Wants = client.Wants.All.Count,
            Subscriptions = client.Wants.Subscriptions.Count,
            PeerWants = peerWants,
            QueuedReplies = queued,
            ActiveReplies = sending,
            PendingBytes = pending,
            ActivePeers = active,
            OutstandingWants = outstanding,
            AskedBlocks = asked,
            QueuedWants = toTell,
            BroadcastWants = broadcast,
            ParkedWants = client.Wants.ParkedCount,
            Sessions = sessions,
            MessagesInFlight = inFlight,
            StoreRequests = context.OpenRequests + client.Wants.StoringCount,
            QueuedLookups = client.Wants.Lookup.QueuedCount + unchecked_,
            StoringBytes = client.Wants.Scheduler.StoringBytes,
            WantLatency = measured.WantLatency.Snapshot(),
            AnswerLatency = measured.AnswerLatency.Snapshot(),
            SendTimes = measured.SendTimes.Snapshot(),
            ReceivedBlockSizes = measured.ReceivedBlockSizes.Snapshot(),
            DuplicateBlockSizes = measured.DuplicateBlockSizes.Snapshot(),
            SentBlockSizes = measured.SentBlockSizes.Snapshot(),
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
