using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>Says which peer a reply may be made for next, and wakes the engine for those that may have one later: whose wants grow old, who starves, whose upload rate is spent.</summary>
internal sealed class PeerTurns(EngineContext context)
{
    private const int Crowd = 8;

    private static readonly TimeSpan _tick = TimeSpan.FromTicks(1);

    private readonly PeerTaskQueue _order = new();

    /// <summary>The peers that take blocks, among which the line is divided.</summary>
    private readonly HashSet<PeerQueue> _takers = [];

    /// <summary>Gets how often each block was sent while several peers take blocks.</summary>
    public SentCopies Copies { get; } = new();

    /// <summary>Gets the peer whose turn it is; null when none may be sent anything.</summary>
    public PeerQueue? Next => _order.First;

    /// <summary>Puts a queue where it belongs in the order after something about it changed.</summary>
    public void Update(PeerQueue queue)
    {
        queue.RefillRate(context.Now);
        if (queue.TakesBlocks)
        {
            _takers.Add(queue);
        }
        else
        {
            _takers.Remove(queue);
        }

        _order.Update(queue, queue.Peer.IsConnected && queue.HasWork && queue.OutstandingBytes < Share && queue.MaySend);
        if (queue.HasWork)
        {
            Schedule(queue);
        }
    }

    /// <summary>Notes that a block goes to a peer.</summary>
    public void Sending(PeerTask task)
    {
        if (_takers.Count > 1)
        {
            Copies.Add(task.Cid.Hash);
        }
        else
        {
            Copies.Clear();
        }
    }

    /// <summary>Forgets a peer that is gone.</summary>
    public void Remove(PeerQueue queue)
    {
        _order.Remove(queue);
        _takers.Remove(queue);
        context.Timers.Remove(queue);
    }

    /// <summary>Lets a peer that starves go before others.</summary>
    public void HurryWhoStarves(PeerQueue queue)
    {
        if (queue.StarvesAt(context.Options.StarvationLimit) <= context.Now)
        {
            queue.Hurry();
        }
    }

    /// <summary>Sets the timer of a queue for what comes first.</summary>
    public void Schedule(PeerQueue queue)
    {
        TimeSpan next = TimeSpan.MaxValue;
        if (queue.OldestMissing is { } oldest)
        {
            next = oldest.Since + context.Options.PeerWantExpiry;
        }

        if (queue.StarvesAt(context.Options.StarvationLimit) is { } starves)
        {
            next = Earlier(next, starves);
        }

        if (queue.HasWork && !queue.MaySend)
        {
            next = Earlier(next, queue.MaySendAt(context.Now));
        }

        if (next < TimeSpan.MaxValue && queue.Peer.IsConnected)
        {
            context.Timers.ScheduleBy(queue, next > context.Now ? next : context.Now + _tick);
        }
    }

    /// <summary>
    /// Gets the bytes that may be under way to one peer: what is allowed to one is divided among those that take blocks, as the line is, so that who comes
    /// later does not wait behind much. Who is only told what is not here takes no part of it. Two replies are always allowed, one being sent and one being read; in a crowd the line
    /// is busy with others and one is enough: what is under way can no longer be had from another peer instead.
    /// </summary>
    private long Share
    {
        get
        {
            long most = context.Options.MaxOutstandingReplyBytes;
            return Math.Min(most, Math.Max((_takers.Count < Crowd ? 2L : 1L) * context.Options.ReplyTarget, most / Math.Max(1, _takers.Count)));
        }
    }

    private static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
