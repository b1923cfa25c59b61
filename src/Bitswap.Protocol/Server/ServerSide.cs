using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>Represents the half of the engine that serves: the tables, and the parts that work on them.</summary>
internal sealed class ServerSide
{
    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    public ServerSide(EngineContext context)
    {
        Context = context;
        Wantlists = new PeerWantlists(this);
        Budget = new WantBudget(this);
        Checks = new StoreChecks(this);
        Replies = new ReplyBuilder(this);
        Ledgers = new Ledgers(context.Options.MaxLedgers);
    }

    public EngineContext Context { get; }

    public WaitingIndex Waiting { get; } = new();

    public PeerWantlists Wantlists { get; }

    public WantBudget Budget { get; }

    public StoreChecks Checks { get; }

    public ReplyBuilder Replies { get; }

    public Ledgers Ledgers { get; }

    /// <summary>Gets the queues of the connected peers in the order in which they connected.</summary>
    public List<PeerQueue> Peers { get; } = [];

    /// <summary>Adds a peer that connected.</summary>
    public PeerQueue PeerConnected(Peer peer)
    {
        var queue = new PeerQueue(peer, Context.Options);
        Peers.Add(queue);
        return queue;
    }

    public void PeerDisconnected(PeerQueue queue)
    {
        Peers.Remove(queue);
        Wantlists.Clear(queue);
        Replies.Forget(queue);
        Context.Timers.Remove(queue);
        Ledgers.Close(queue.Peer.Ledger);
    }

    /// <summary>Answers those that wait for a block that came into the store: those that wait for it are answered.</summary>
    public void BlockAvailable(in Multihash hash, int size)
    {
        PeerTask? next;
        for (PeerTask? want = Waiting.First(hash); want is not null; want = next)
        {
            next = want.NextSame;
            Waiting.Remove(want);
            Wantlists.Found(want, size);
        }
    }

    public void Flush()
    {
        Checks.Flush();
        Replies.Flush();
    }

    /// <summary>Takes on changed options: rates that changed hold from here on.</summary>
    public void RatesChanged(EngineOptions before)
    {
        if (Context.Options.UploadRate != before.UploadRate)
        {
            Replies.RateChanged();
        }

        if (Context.Options.PeerUploadRate != before.PeerUploadRate)
        {
            foreach (PeerQueue queue in Peers)
            {
                queue.Rate = new TokenBucket(Context.Options.PeerUploadRate);
                Replies.Update(queue);
            }
        }
    }

    /// <summary>Does what a timer of this half was set for: forgets wants, hurries those that starve, and goes on where an upload rate allows it.</summary>
    public void Fire(EngineTimer timer)
    {
        if (timer is not PeerQueue queue)
        {
            // The upload rate of the node: what waits for it is sent as actions are taken.
            return;
        }

        TimeSpan now = Context.Now;
        TimeSpan expiry = Context.Options.PeerWantExpiry;
        while (queue.Missing.First is { } oldest && oldest.Since + expiry <= now)
        {
            Context.Counters.PeerWantsExpired++;
            Wantlists.Remove(oldest);
        }

        if (queue.HasWork && queue.PendingSince + Context.Options.StarvationLimit <= now)
        {
            queue.IsUrgent = true;
        }

        Replies.Update(queue);
        Reschedule(queue);
    }

    public void Reschedule(PeerQueue queue)
    {
        TimeSpan next = TimeSpan.MaxValue;
        if (queue.Missing.First is { } oldest)
        {
            next = oldest.Since + Context.Options.PeerWantExpiry;
        }

        if (queue.HasWork)
        {
            if (!queue.IsUrgent)
            {
                next = Earlier(next, queue.PendingSince + Context.Options.StarvationLimit);
            }

            if (!queue.Rate.MaySpend)
            {
                next = Earlier(next, queue.Rate.Ready(Context.Now));
            }
        }

        if (next < TimeSpan.MaxValue && queue.Peer.IsConnected)
        {
            Context.Timers.ScheduleBy(queue, next > Context.Now ? next : Context.Now + _tick);
        }
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
