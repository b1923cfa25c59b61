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
        Assert.Equal(_connected.Keys.Order(), _engine.Peers().Select(p => p.Peer).Order());
        Assert.InRange(_engine.Context.OpenRequests, 0, 3 * _engine.Options.MaxStoreRequests);
        foreach (Peer peer in _engine.Context.PeerList)
        {
            PeerLink link = peer.Link;
            PeerWant[] asks = [.. link.Asks.Values];
            Assert.InRange(link.OnWire, 0, Cap);
            Assert.Equal(asks.Count(a => a.OnWire), link.OnWire);
            Assert.Equal(asks.Count(a => a.IsQueued), link.Queued);
            Assert.Equal(asks.Count(a => a.CountsAsBlock), link.BlocksAsked);
            Assert.Equal(asks.Count(a => a.List == link.Live), link.Live.Count);
            Assert.Equal(asks.Count(a => a.List == link.Standing), link.Standing.Count);
            Assert.All(asks, a => Assert.Same(a.Want, _engine.Client.Wants[a.Want.Hash]));
            Assert.All(link.Cancels.Keys, h => Assert.False(link.Asks.TryGetValue(h, out PeerWant? a) && a.OnWire));
            Assert.InRange(link.InFlight.Count, 0, _engine.Options.MaxWantMessagesInFlight);

            PeerQueue queue = peer.Queue;
            Assert.Equal(queue.Wants.Values.Count(w => w.Stage == ServeStage.Sending), queue.SendingCount);
            Assert.InRange(queue.Wants.Count - queue.SendingCount, 0, 10);
            Assert.Equal(queue.Wants.Values.Count(w => w.Stage == ServeStage.Ready), queue.ReadyCount);
            Assert.Equal(queue.Wants.Values.Count(w => w.Stage == ServeStage.Missing), queue.MissingCount);
            Assert.Equal(queue.Wants.Values.Where(w => w.Stage == ServeStage.Ready).Sum(w => Math.Max(0L, w.Size)), queue.ReadyBytes);
            Assert.DoesNotContain(queue.Wants.Values, w => w.Stage == ServeStage.Gone);
            Assert.True(queue.OutstandingBytes >= 0);
        }

        int parked = 0;
        foreach (ClientWant want in _engine.Client.Wants.Values)
        {
            int open = 0;
            int count = 0;
            for (PeerWant? ask = want.FirstAsk; ask is not null; ask = ask.NextOfWant)
            {
                count++;
                open += ask.IsOpen ? 1 : 0;
                Assert.Same(ask, ask.Link.Asks[want.Hash]);
            }

            Assert.Equal((count, open), (want.AskCount, want.OpenAsks));
            Assert.True(want.Interests.Count > 0 || want.State == WantState.Storing, $"{want.State} without an interest");
            Assert.True(want.BlockAsk is null || (want.BlockAsk.IsOpen && want.BlockAsk.CountsAsBlock));
            Assert.True(want.State != WantState.Active || want.OpenAsks > 0, "an active want that nobody is asked for");
            Assert.True(want.State != WantState.Fresh || want.QueuedAs >= 0);
            parked += want.State == WantState.Parked ? 1 : 0;
        }

        Assert.Equal(parked, _engine.Client.Parked.Count);
        Assert.All(_engine.Client.Sessions.All, s => Assert.InRange(s.Broadcasting, 0, 4));
    }
}
