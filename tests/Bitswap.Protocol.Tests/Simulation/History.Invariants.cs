using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>What must hold after every step.</summary>
internal sealed partial class History
{
    private void Check()
    {
        Assert.Equal(_wants.Keys.Order(), _engine.Client.Wants.Subscriptions.Keys.Order());
        Assert.InRange(_engine.Context.OpenRequests, 0, 3 * _engine.Options.MaxStoreRequests);
        CheckThatNothingIsKeptOfAbsentPeers();
        foreach (ConnectedPeer peer in _engine.ConnectedPeers)
        {
            CheckRequests(peer.Requests);
            CheckThatWhatThePeerWasToldIsMeant(_connected[peer.Peer.Id], peer.Requests);
            CheckQueue(peer.Queue);
        }

        foreach (ClientWant want in _engine.Client.Wants.All.Values)
        {
            CheckRequestsOf(want);
            CheckThatItIsNotLost(want);
        }

        ClientWant[] storing = [.. _engine.Client.Wants.All.Values.Where(w => w.State == WantState.Storing)];
        Assert.Equal(storing.Length, _engine.Client.Wants.StoringCount);
        Assert.Equal(storing.Sum(w => (long)w.StoringBytes), _engine.Client.Wants.Scheduler.StoringBytes);
        Assert.Equal(_engine.Client.Wants.All.Values.Count(w => w.State == WantState.Parked), _engine.Client.Wants.ParkedCount);
        Assert.All(_engine.Client.Sessions.All, s => Assert.InRange(s.Broadcasting, 0, _engine.Options.BroadcastWindow));
        Assert.InRange(_engine.Client.Sessions.All.Count(s => s.OpenSubscriptions == 0), 0, _engine.Options.MaxIdleSessions);
        Assert.InRange(_engine.Server.Wantlists.Budget.Bytes, 0, _engine.Options.MaxPeerWantBytes);
        Assert.Equal(_engine.ConnectedPeers.Sum(p => p.Queue.WantBytes), _engine.Server.Wantlists.Budget.Bytes);
    }

    private void CheckThatNothingIsKeptOfAbsentPeers()
    {
        Assert.Equal(_connected.Keys.Order(), _engine.Peers().Select(p => p.Peer).Order());
        Assert.Equal(_connected.Keys.Order(), _engine.ConnectedPeers.Select(p => p.Peer.Id).Order());
        foreach (Session session in _engine.Client.Sessions.All)
        {
            Assert.All(session.Peers, p => Assert.Contains(p.Requests.Id, _connected.Keys));
            Assert.All(session.Pruned, p => Assert.Contains(p, _connected.Keys));
        }

        foreach (Block block in _blocks)
        {
            for (PeerTask? want = _engine.Server.Wantlists.Waiting.First(block.Cid.Hash); want is not null; want = want.NextSame)
            {
                Assert.True(want.Queue.Peer.IsConnected, "a want of an absent peer waits");
                Assert.Same(want, want.Queue.Wants[want.Cid]);
            }
        }
    }

    private void CheckRequests(PeerRequests peer)
    {
        PeerRequest[] requests = [.. peer.ByHash.Values];
        Assert.InRange(peer.Awaited, 0, Cap);
        Assert.Equal(requests.Count(a => a.OnWire), peer.OnWire);
        Assert.Equal(requests.Count(a => a.OnWire && a.Answer == RequestAnswer.None), peer.Awaited);
        Assert.Equal(requests.Count(a => a.OnWire && a.Answer == RequestAnswer.Simulated), peer.Unheard);
        Assert.Equal(requests.Count(a => a.IsQueued), peer.Queued);
        Assert.Equal(requests.Count(a => a.CountsAsBlock), peer.BlocksRequested);
        Assert.Equal(requests.Count(a => a.List == peer.Live), peer.Live.Count);
        Assert.Equal(requests.Count(a => a.List == peer.Promises), peer.Promises.Count);
        Assert.All(requests.Where(a => a.Answer == RequestAnswer.DontHave), a => Assert.True(a.IsQueued || peer.Denied.Holds(a), "a denied want that is never asked again"));
        Assert.All(requests, a => Assert.Same(a.Want, _engine.Client.Wants.All[a.Want.Hash]));
        Assert.All(peer.Cancels.Keys, c => Assert.False(peer.ByHash.TryGetValue(c.Hash, out PeerRequest? a) && a.OnWire && a.Want.Cid.Equals(c)));
        Assert.InRange(peer.InFlight.Count, 0, _engine.Options.MaxWantMessagesInFlight);
        foreach (PeerRequest request in requests)
        {
            // Whatever may still be answered is about to be told, or on its way, or time runs for it.
            bool isUnderWay = peer.InFlight.Exists(m => m.Id == request.MessageId);
            Assert.True(!request.IsOpen || request.IsQueued || (request.OnWire && (isUnderWay || request.List == peer.Live)), "an open request that nothing can end");
        }
    }

    /// <summary>What was told, and is wanted no more, is withdrawn: it is among the cancels, or a full wantlist is due.</summary>
    private void CheckThatWhatThePeerWasToldIsMeant(SimulatedPeer played, PeerRequests peer)
    {
        Assert.All(played.Told.Keys, cid => Assert.True(
            !peer.WasGreeted || peer.Cancels.ContainsKey(cid) || (peer.ByHash.TryGetValue(cid.Hash, out PeerRequest? request) && request.OnWire && request.Want.Cid.Equals(cid)),
            $"a want that is over, and the peer is not told so: {played.Id} {peer.ByHash.TryGetValue(cid.Hash, out PeerRequest? x)} {x?.OnWire} {x?.Answer} {x?.IsQueued} {x?.Want.Cid} told {string.Join(' ', played.Heard[cid.Hash].Told)} said {played.Heard[cid.Hash].Said} {played.Heard[cid.Hash].SaidAt} now {_now}"));
        Assert.True(
            (played.Told.Count == 0 && peer.Cancels.Count == 0) || (peer.WasGreeted && peer.Cancels.Count == 0) || peer.InFlight.Count > 0 || peer.RetryAt > _engine.Context.Now || _engine.NextDeadline <= _now,
            "a peer that is to be told of withdrawn wants, and nothing is on its way");
    }

    private void CheckQueue(PeerQueue queue)
    {
        PeerTask[] wants = [.. queue.Wants.Values];
        Assert.Equal(wants.Count(w => w.State == PeerTaskState.Sending), queue.SendingCount);
        Assert.InRange(wants.Length - queue.SendingCount, 0, _engine.Options.MaxPeerWants);
        Assert.Equal(wants.Count(w => w.State == PeerTaskState.Ready), queue.ReadyCount);
        Assert.Equal(wants.Count(w => w.State == PeerTaskState.Missing), queue.MissingCount);
        Assert.Equal(wants.Where(w => w.State == PeerTaskState.Ready).Sum(w => Math.Max(0L, w.Size)), queue.ReadyBytes);
        Assert.DoesNotContain(wants, w => w.State == PeerTaskState.Gone);
        Assert.Equal(wants.Sum(w => WantBudget.CostOf(w.Cid)) + queue.Refused.Sum(WantBudget.CostOfRefusal), queue.WantBytes);
        Assert.Equal(queue.Loading.Sum(e => e.Bytes), queue.LoadingBytes);
        Assert.Equal(queue.LoadingBytes + queue.InFlight.Values.Sum(e => e.Bytes), queue.OutstandingBytes);

        // The last reply may go over what is left, by what it holds: one block, or little more than the target.
        Assert.InRange(queue.OutstandingBytes, 0, _engine.Options.MaxOutstandingReplyBytes + LargestBlock + 200);
    }

    private static void CheckRequestsOf(ClientWant want)
    {
        int open = 0;
        int count = 0;
        for (PeerRequest? request = want.FirstRequest; request is not null; request = request.NextOfWant)
        {
            count++;
            open += request.IsOpen ? 1 : 0;
            Assert.Same(request, request.Peer.ByHash[want.Hash]);
            Assert.True(request.Peer.Peer.IsConnected, "a want that is asked of an absent peer");
            Assert.True(want.MayAsk(request.Peer.Id), "a want that is asked of a peer that may not know");
        }

        Assert.Equal((count, open), (want.RequestCount, want.OpenRequests));
        Assert.True(want.BlockRequest is null || (want.BlockRequest.IsOpen && want.BlockRequest.CountsAsBlock));
    }

    /// <summary>Each want is where something will move it on.</summary>
    private void CheckThatItIsNotLost(ClientWant want)
    {
        Assert.True(want.Subscriptions.Count > 0 || want.State == WantState.Storing, $"{want.State} without a subscription");
        Assert.All(want.Subscriptions, i => Assert.Same(i, _engine.Client.Wants.Subscriptions[i.Id]));
        switch (want.State)
        {
            case WantState.Looking:
                Assert.True(_engine.Context.OpenRequests > 0, "the store is to be asked, and is not");
                Assert.Equal(0, want.RequestCount);
                break;
            case WantState.Fresh:
                Assert.True(want.QueuedAs >= 0 && want.Subscriptions.TrueForAll(i => i.Session.IsRunnable), "a fresh want in no queue");
                break;
            case WantState.Active:
                Assert.True(want.OpenRequests > 0, "an active want that nobody is asked for");
                break;
            case WantState.AwaitingBroadcast:
                Assert.True(want.QueuedAs >= 0 && want.AwaitingIn!.IsRunnable, "a want that waits for a broadcast in no queue");
                break;
            case WantState.Storing:
                Assert.Equal(0, want.RequestCount);
                break;
            case WantState.Parked:
                Assert.Equal(0, want.OpenRequests);
                Assert.All(
                    _engine.ConnectedPeers.Where(p => want.MayAsk(p.Peer.Id) && (want.WantsBlock || p.Peer.KnowsPresence)),
                    p => Assert.True(p.Requests.ByHash.TryGetValue(want.Hash, out PeerRequest? request) && request.Answer != RequestAnswer.None, "parked, and a peer was not asked"));
                break;
            default:
                Assert.Fail($"a want that is {want.State} in the table");
                break;
        }
    }
}
