using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>What must hold after every step.</summary>
internal sealed partial class History
{
    private void Check()
    {
        Assert.Equal(_wants.Keys.Order(), _engine.Client.Interests.Keys.Order());
        Assert.InRange(_engine.Context.OpenRequests, 0, 3 * _engine.Options.MaxStoreRequests);
        CheckThatNothingIsKeptOfAbsentPeers();
        foreach (Peer peer in _engine.Context.PeerList)
        {
            CheckAsks(peer.Link);
            CheckThatWhatThePeerWasToldIsMeant(_connected[peer.Id], peer.Link);
            CheckQueue(peer.Queue);
        }

        foreach (ClientWant want in _engine.Client.Wants.Values)
        {
            CheckAsksOf(want);
            CheckThatItIsNotLost(want);
        }

        ClientWant[] storing = [.. _engine.Client.Wants.Values.Where(w => w.State == WantState.Storing)];
        Assert.Equal(storing.Length, _engine.Client.Answers.StoringCount);
        Assert.Equal(storing.Sum(w => (long)w.StoringBytes), _engine.Client.Pump.StoringBytes);
        Assert.Equal(_engine.Client.Wants.Values.Count(w => w.State == WantState.Parked), _engine.Client.Parked.Count);
        Assert.All(_engine.Client.Sessions.All, s => Assert.InRange(s.Broadcasting, 0, _engine.Options.BroadcastWindow));
        Assert.InRange(_engine.Client.Sessions.All.Count(s => s.OpenInterests == 0), 0, _engine.Options.MaxIdleSessions);
        Assert.InRange(_engine.Server.Budget.Bytes, 0, _engine.Options.MaxPeerWantBytes);
        Assert.Equal(_engine.Context.PeerList.Sum(p => p.Queue.WantBytes), _engine.Server.Budget.Bytes);
    }

    private void CheckThatNothingIsKeptOfAbsentPeers()
    {
        Assert.Equal(_connected.Keys.Order(), _engine.Peers().Select(p => p.Peer).Order());
        Assert.Equal(_connected.Keys.Order(), _engine.Context.Peers.Keys.Order());
        foreach (Session session in _engine.Client.Sessions.All)
        {
            Assert.All(session.Peers, p => Assert.Contains(p.Link.Peer.Id, _connected.Keys));
            Assert.All(session.Pruned, p => Assert.Contains(p, _connected.Keys));
        }

        foreach (Block block in _blocks)
        {
            for (ServedWant? want = _engine.Server.Waiting.First(block.Cid.Hash); want is not null; want = want.NextSame)
            {
                Assert.True(want.Queue.Peer.IsConnected, "a want of an absent peer waits");
                Assert.Same(want, want.Queue.Wants[want.Cid]);
            }
        }
    }

    private void CheckAsks(PeerLink link)
    {
        PeerWant[] asks = [.. link.Asks.Values];
        Assert.InRange(link.Awaited, 0, Cap);
        Assert.Equal(asks.Count(a => a.OnWire), link.OnWire);
        Assert.Equal(asks.Count(a => a.OnWire && a.Answer == AskAnswer.None), link.Awaited);
        Assert.Equal(asks.Count(a => a.OnWire && a.Answer == AskAnswer.Simulated), link.Unheard);
        Assert.Equal(asks.Count(a => a.IsQueued), link.Queued);
        Assert.Equal(asks.Count(a => a.CountsAsBlock), link.BlocksAsked);
        Assert.Equal(asks.Count(a => a.List == link.Live), link.Live.Count);
        Assert.Equal(asks.Count(a => a.List == link.Promises), link.Promises.Count);
        Assert.All(asks.Where(a => a.Answer == AskAnswer.DontHave), a => Assert.True(a.IsQueued || link.Denied.Holds(a), "a denied want that is never asked again"));
        Assert.All(asks, a => Assert.Same(a.Want, _engine.Client.Wants[a.Want.Hash]));
        Assert.All(link.Cancels, c => Assert.False(link.Asks.TryGetValue(c.Hash, out PeerWant? a) && a.OnWire && a.Want.Cid.Equals(c)));
        Assert.InRange(link.InFlight.Count, 0, _engine.Options.MaxWantMessagesInFlight);
        foreach (PeerWant ask in asks)
        {
            // Whatever may still be answered is about to be told, or on its way, or time runs for it.
            bool isUnderWay = link.InFlight.Exists(m => m.Id == ask.MessageId);
            Assert.True(!ask.IsOpen || ask.IsQueued || (ask.OnWire && (isUnderWay || ask.List == link.Live)), "an open ask that nothing can end");
        }
    }

    /// <summary>What was told, and is wanted no more, is withdrawn: it is among the cancels, or a full wantlist is due.</summary>
    private void CheckThatWhatThePeerWasToldIsMeant(PlayedPeer played, PeerLink link)
    {
        Assert.All(played.Told.Keys, cid => Assert.True(
            !link.WasGreeted || link.Cancels.Contains(cid) || (link.Asks.TryGetValue(cid.Hash, out PeerWant? ask) && ask.OnWire && ask.Want.Cid.Equals(cid)),
            $"a want that is over, and the peer is not told so: {played.Id} {link.Asks.TryGetValue(cid.Hash, out PeerWant? x)} {x?.OnWire} {x?.Answer} {x?.IsQueued} {x?.Want.Cid} told {string.Join(' ', played.Heard[cid.Hash].Told)} said {played.Heard[cid.Hash].Said} {played.Heard[cid.Hash].SaidAt} now {_now}"));
        Assert.True(
            (played.Told.Count == 0 && link.Cancels.Count == 0) || (link.WasGreeted && link.Cancels.Count == 0) || link.InFlight.Count > 0 || link.RetryAt > _engine.Context.Now || _engine.NextDeadline <= _now,
            "a peer that is to be told of withdrawn wants, and nothing is on its way");
    }

    private void CheckQueue(PeerQueue queue)
    {
        ServedWant[] wants = [.. queue.Wants.Values];
        Assert.Equal(wants.Count(w => w.Stage == ServeStage.Sending), queue.SendingCount);
        Assert.InRange(wants.Length - queue.SendingCount, 0, _engine.Options.MaxPeerWants);
        Assert.Equal(wants.Count(w => w.Stage == ServeStage.Ready), queue.ReadyCount);
        Assert.Equal(wants.Count(w => w.Stage == ServeStage.Missing), queue.Missing.Count);
        Assert.Equal(wants.Where(w => w.Stage == ServeStage.Ready).Sum(w => Math.Max(0L, w.Size)), queue.ReadyBytes);
        Assert.DoesNotContain(wants, w => w.Stage == ServeStage.Gone);
        Assert.Equal(wants.Sum(w => WantBudget.CostOf(w.Cid)) + queue.Refused.Sum(WantBudget.CostOfRefusal), queue.WantBytes);
        Assert.Equal(queue.Envelopes.Sum(e => e.Bytes), queue.LoadingBytes);
        Assert.Equal(queue.LoadingBytes + queue.InFlight.Values.Sum(e => e.Bytes), queue.OutstandingBytes);

        // The last reply may go over what is left, by what it holds: one block, or little more than the target.
        Assert.InRange(queue.OutstandingBytes, 0, _engine.Options.MaxOutstandingReplyBytes + LargestBlock + 200);
    }

    private static void CheckAsksOf(ClientWant want)
    {
        int open = 0;
        int count = 0;
        for (PeerWant? ask = want.FirstAsk; ask is not null; ask = ask.NextOfWant)
        {
            count++;
            open += ask.IsOpen ? 1 : 0;
            Assert.Same(ask, ask.Link.Asks[want.Hash]);
            Assert.True(ask.Link.Peer.IsConnected, "a want that is asked of an absent peer");
            Assert.True(want.MayAsk(ask.Link.Peer.Id), "a want that is asked of a peer that may not know");
        }

        Assert.Equal((count, open), (want.AskCount, want.OpenAsks));
        Assert.True(want.BlockAsk is null || (want.BlockAsk.IsOpen && want.BlockAsk.CountsAsBlock));
    }

    /// <summary>Each want is where something will move it on.</summary>
    private void CheckThatItIsNotLost(ClientWant want)
    {
        Assert.True(want.Interests.Count > 0 || want.State == WantState.Storing, $"{want.State} without an interest");
        Assert.All(want.Interests, i => Assert.Same(i, _engine.Client.Interests[i.Id]));
        switch (want.State)
        {
            case WantState.Looking:
                Assert.True(_engine.Context.OpenRequests > 0, "the store is to be asked, and is not");
                Assert.Equal(0, want.AskCount);
                break;
            case WantState.Fresh:
                Assert.True(want.QueuedAs >= 0 && want.Interests.TrueForAll(i => i.Session.IsHungry), "a fresh want in no queue");
                break;
            case WantState.Active:
                Assert.True(want.OpenAsks > 0, "an active want that nobody is asked for");
                break;
            case WantState.AwaitingBroadcast:
                Assert.True(want.QueuedAs >= 0 && want.AwaitingIn!.IsHungry, "a want that waits for a broadcast in no queue");
                break;
            case WantState.Storing:
                Assert.Equal(0, want.AskCount);
                break;
            case WantState.Parked:
                Assert.Equal(0, want.OpenAsks);
                Assert.All(
                    _engine.Context.PeerList.Where(p => want.MayAsk(p.Id) && (want.WantsBlock || p.KnowsPresence)),
                    p => Assert.True(p.Link.Asks.TryGetValue(want.Hash, out PeerWant? ask) && ask.Answer != AskAnswer.None, "parked, and a peer was not asked"));
                break;
            default:
                Assert.Fail($"a want that is {want.State} in the table");
                break;
        }
    }
}
