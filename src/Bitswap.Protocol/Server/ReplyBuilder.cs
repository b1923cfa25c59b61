using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Takes answers out of the peers' queues, has the blocks read, and sends replies: each peer's in order, several peers' side by side, all within
/// the bytes and the requests that may be outstanding.
/// </summary>
internal sealed class ReplyBuilder(EngineContext context, PeerTurns turns, PeerWantlists wantlists)
{
    // Protobuf around one block or presence: tags, lengths and the CID prefix.
    private const int ElementOverhead = 64;
    private const int MaxPresences = 1024;

    private readonly RateTimer _rateTimer = new();
    private TokenBucket _rate = new(context.Options.UploadRate); // not readonly: a mutable struct
    private int _loads;
    private long _turn;

    public void RateChanged() => _rate = new TokenBucket(context.Options.UploadRate);

    public void Flush()
    {
        if (turns.Next is null)
        {
            return;
        }

        _rate.Fill(context.Now);
        while (turns.Next is { } queue && _loads < context.Options.MaxStoreRequests)
        {
            if (!_rate.MaySpend)
            {
                context.Timers.ScheduleBy(_rateTimer, _rate.Ready(context.Now));
                return;
            }

            Take(queue);
            turns.Update(queue);
        }
    }

    /// <summary>Notes that a message was sent or not. Returns whether it was a reply.</summary>
    public bool MessageSent(PeerQueue queue, long messageId, bool ok)
    {
        if (!queue.TryTakeSent(messageId, ok, out Envelope? envelope))
        {
            return false;
        }

        if (ok)
        {
            Count(envelope);
        }
        else if (queue.Failures >= context.Options.MaxSendAttempts)
        {
            context.Drop(queue.Peer, $"{queue.Failures} replies to it in a row could not be sent.", mayReturn: true);
        }

        foreach (PeerTask task in envelope.Tasks)
        {
            wantlists.Sent(task, ok);
        }

        turns.Update(queue);
        return true;
    }

    private void Count(Envelope sent)
    {
        context.Measures.SendTimes.Add(context.Now - sent.HandedOutAt);
        foreach (PeerTask task in sent.Tasks)
        {
            sent.Queue.Peer.Ledger.Sent(task.Size);
            context.Counters.BlocksSent++;
            context.Counters.BytesSent += task.Size;
            context.Measures.SentBlockSizes.Add(task.Size);
        }
    }

    /// <summary>Makes a reply of what is queued for a peer, as large as one may be.</summary>
    private void Take(PeerQueue queue)
    {
        var envelope = new Envelope(queue);
        int target = context.Options.ReplyTarget;
        while (envelope.Bytes < target && envelope.Presences.Count < MaxPresences && queue.TryTakeRefused(out Cid? refused))
        {
            Say(envelope, refused, PresenceType.DontHave, refused.ByteLength + ElementOverhead);
        }

        while (envelope.Bytes < target && envelope.Presences.Count < MaxPresences && queue.TryPeekReady(turns.Copies, out PeerTask? task))
        {
            bool asBlock = task.Size >= 0 && (task.Type == WantType.Block || task.Size <= context.Options.HaveToBlockSize);
            int cost = task.Cid.ByteLength + ElementOverhead + (asBlock ? task.Size : 0);
            if (envelope.Bytes > 0 && envelope.Bytes + cost > target)
            {
                break;
            }

            queue.ToSending(task);
            if (asBlock)
            {
                envelope.Add(task, cost);
                turns.Sending(task);
            }
            else
            {
                Say(envelope, task.Cid, task.Size >= 0 ? PresenceType.Have : PresenceType.DontHave, cost);
                wantlists.Told(task);
            }
        }

        queue.Taken(envelope, ++_turn, context.Now);
        _rate.Spend(envelope.Bytes);
        if (envelope.IsLoaded)
        {
            Send(envelope);
            return;
        }

        Cid[] cids = [.. envelope.Tasks.Select(static task => task.Cid)];
        _loads++;
        queue.Load(envelope);
        context.Actions.Enqueue(new LoadBlocks(context.Open(new LoadRequest(this, envelope)), cids));
    }

    private void Say(Envelope envelope, Cid cid, PresenceType word, int cost)
    {
        envelope.Add(cid, word, cost);
        if (word == PresenceType.Have)
        {
            context.Counters.HavesSent++;
        }
        else
        {
            context.Counters.DontHavesSent++;
        }
    }

    private void Loaded(Envelope envelope, IReadOnlyList<ReadOnlyMemory<byte>?> data)
    {
        _loads--;
        envelope.Loaded(data);
        PeerQueue queue = envelope.Queue;
        if (!queue.Peer.IsConnected)
        {
            return;
        }

        while (queue.TryTakeLoaded(out Envelope? next))
        {
            Send(next);
        }

        turns.Update(queue);
    }

    private void Send(Envelope envelope)
    {
        PeerQueue queue = envelope.Queue;
        var blocks = new List<Block>(envelope.Tasks.Count);
        var carried = new List<PeerTask>(envelope.Tasks.Count);
        for (int i = 0; i < envelope.Tasks.Count; i++)
        {
            PeerTask task = envelope.Tasks[i];
            if (task.State != PeerTaskState.Sending)
            {
                // Withdrawn while it was read.
                continue;
            }

            if (envelope.DataOf(i) is { } data && data.Length == task.Size)
            {
                blocks.Add(new Block(task.Cid, data));
                carried.Add(task);
            }
            else if (wantlists.BlockVanished(task))
            {
                Say(envelope, task.Cid, PresenceType.DontHave, cost: 0);
                wantlists.Told(task);
            }
        }

        envelope.Seal(carried);
        if (blocks.Count == 0 && envelope.Presences.Count == 0)
        {
            queue.Discard(envelope);
            return;
        }

        long id = context.NextId();
        queue.HandOut(envelope, id, context.Now);
        context.Counters.MessagesSent++;
        bool roomForPending = envelope.Bytes <= context.Options.MaxMessageSize - ElementOverhead;
        int pending = queue.Peer.KnowsPresence && roomForPending ? (int)Math.Min(int.MaxValue, queue.ReadyBytes + queue.LoadingBytes) : 0;
        var message = new BitswapMessage { Blocks = blocks, Presences = envelope.Presences, PendingBytes = pending };
        context.Actions.Enqueue(new SendMessage(queue.Peer.Id, id, message));
    }

    private sealed class LoadRequest(ReplyBuilder replies, Envelope envelope) : StoreRequest
    {
        public override int Count { get; } = envelope.Tasks.Count;

        public override void Loaded(IReadOnlyList<ReadOnlyMemory<byte>?> data) => replies.Loaded(envelope, data);
    }

    /// <summary>Wakes the engine when the node's upload rate allows more; the work is done as actions are taken.</summary>
    private sealed class RateTimer : EngineTimer;
}
