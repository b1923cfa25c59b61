using Bitswap.Protocol.Core;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol.Tests.Server;

public sealed class PeerTaskQueueTests
{
    private readonly BitswapEngine _engine = new(EngineOptions.Default, 1);
    private int _lastPeer;

    [Fact]
    public void A_peer_never_served_or_waiting_too_long_goes_before_all_others()
    {
        PeerQueue urgent = Queue(urgent: true, outstanding: 1_000_000, ready: 1, turn: 9);
        PeerQueue idle = Queue(urgent: false, outstanding: 0, ready: 16, turn: 0);
        Assert.True(PeerTaskQueue.Before(urgent, idle));
        Assert.False(PeerTaskQueue.Before(idle, urgent));
    }

    [Fact]
    public void Then_less_under_way_then_more_waiting_up_to_sixteen_then_served_longest_ago()
    {
        Assert.True(PeerTaskQueue.Before(Queue(false, 10, 1, 9), Queue(false, 20, 16, 1)));
        Assert.True(PeerTaskQueue.Before(Queue(false, 10, 15, 9), Queue(false, 10, 14, 1)));
        Assert.True(PeerTaskQueue.Before(Queue(false, 10, 16, 1), Queue(false, 10, 1000, 2)));
        Assert.False(PeerTaskQueue.Before(Queue(false, 10, 1000, 2), Queue(false, 10, 16, 1)));
    }

    [Fact]
    public void The_heap_gives_the_same_order_as_sorting_however_it_was_changed()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var order = new PeerTaskQueue();
            var queues = Enumerable.Range(0, 40).Select(_ => Queue(false, random.Next(5), random.Next(20), random.Next(10_000))).ToList();
            queues.ForEach(q => order.Update(q, eligible: true));
            for (int i = 0; i < 100; i++)
            {
                PeerQueue queue = queues[random.Next(queues.Count)];
                Serve(queue, random.Next(5), queue.ServedTurn);
                if (random.Next(10) == 0)
                {
                    queue.Hurry();
                }

                order.Update(queue, eligible: random.Next(4) > 0);
            }

            var expected = queues.Where(q => q.HeapSlot >= 0).ToList();
            expected.Sort((a, b) => PeerTaskQueue.Before(a, b) ? -1 : PeerTaskQueue.Before(b, a) ? 1 : 0);
            var actual = new List<PeerQueue>();
            while (order.First is { } first)
            {
                actual.Add(first);
                order.Remove(first);
            }

            Assert.True(expected.Select(q => q.ServedTurn).SequenceEqual(actual.Select(q => q.ServedTurn)), $"seed {seed}");
        }
    }

    private PeerQueue Queue(bool urgent, int outstanding, int ready, long turn)
    {
        PeerId id = TestData.Peer(++_lastPeer);
        _engine.PeerConnected(id, BitswapVersion.V120, TimeSpan.Zero);
        PeerQueue queue = _engine.ConnectedPeers.Single(peer => peer.Peer.Id.Equals(id)).Queue;
        for (int i = 0; i < ready; i++)
        {
            var task = new PeerTask(queue, i, new WantlistEntry(TestData.Absent(i)), WantType.Block, isDenied: false, TimeSpan.Zero);
            queue.Add(task);
            queue.ToReady(task, PeerTask.NotHere, TimeSpan.Zero);
        }

        Serve(queue, outstanding, turn);
        if (urgent)
        {
            queue.Hurry();
        }

        return queue;
    }

    private static void Serve(PeerQueue queue, int bytes, long turn)
    {
        var envelope = new Envelope(queue);
        envelope.Add(TestData.Absent(0), PresenceType.DontHave, bytes);
        queue.Taken(envelope, turn, TimeSpan.Zero);
    }
}
