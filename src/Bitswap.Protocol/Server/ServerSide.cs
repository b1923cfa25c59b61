using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>The half of the engine that serves: the tables, and the parts that work on them.</summary>
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
        Ledgers = new LedgerBook(context.Options.MaxLedgers);
    }

    public EngineContext Context { get; }

    public WaitingIndex Waiting { get; } = new();

    public PeerWantlists Wantlists { get; }

    public WantBudget Budget { get; }

    public StoreChecks Checks { get; }

    public ReplyBuilder Replies { get; }

    public LedgerBook Ledgers { get; }

    public void PeerDisconnected(Peer peer)
    {
        PeerQueue queue = peer.Queue;
        Wantlists.Clear(queue);
        Replies.Forget(queue);
        Context.Timers.Remove(queue);
        Ledgers.Close(peer.Ledger);
    }

    /// <summary>A block came into the store: those that wait for it are answered.</summary>
    public void BlockAvailable(in Multihash hash, int size)
    {
        ServedWant? next;
        for (ServedWant? want = Waiting.First(hash); want is not null; want = next)
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

    /// <summary>The options are others now: rates that changed hold from here on.</summary>
    public void RatesChanged(EngineOptions before)
    {
        if (Context.Options.UploadRate != before.UploadRate)
        {
            Replies.RateChanged();
        }

        if (Context.Options.PeerUploadRate != before.PeerUploadRate)
        {
            foreach (Peer peer in Context.PeerList)
            {
                peer.Queue.Rate = new TokenBucket(Context.Options.PeerUploadRate);
                Replies.Update(peer.Queue);
            }
        }
    }

    public void QueueFired(PeerQueue queue)
    {
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
