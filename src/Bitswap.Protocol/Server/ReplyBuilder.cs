using Bitswap.Multiformats;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Takes answers out of the peers' queues, has the blocks read, and sends replies: each peer's in order, several peers' side by side, all within
/// the bytes and the requests that may be outstanding.
/// </summary>
internal sealed class ReplyBuilder(ServerSide server)
{
    // Protobuf around one block or presence: tags, lengths and the CID prefix.
    private const int ElementOverhead = 64;
    private const int MaxPresences = 1024;

    /// <summary>Not readonly: a mutable struct.</summary>
    private TokenBucket _rate = new(server.Context.Options.UploadRate);

    private readonly PeerTaskQueue _order = new();
    private readonly RateTimer _rateTimer = new();
    private int _loads;
    private int _takers;
    private long _turn;

    private EngineContext Context => server.Context;

    /// <summary>Returns whether a message can hold the block.</summary>
    public bool Fits(PeerTask want, int size) => size <= BlockRule.MaxSize(want.Cid, Context.Options.MaxMessageSize);

    /// <summary>Puts a queue where it belongs in the order after something about it changed.</summary>
    public void Update(PeerQueue queue)
    {
        queue.Rate.Fill(Context.Now);
        queue.IsActive = queue.Peer.IsConnected && (queue.HasWork || queue.OutstandingBytes > 0);
        NoteTaker(queue, queue.Peer.IsConnected && (queue.ReadyBytes > 0 || queue.SendingCount > 0));

        bool eligible = queue.Peer.IsConnected
            && queue.HasWork
            && queue.OutstandingBytes < Share
            && queue.Rate.MaySpend;
        _order.Update(queue, eligible);
        if (queue.HasWork)
        {
            server.Reschedule(queue);
        }
    }

    public void RateChanged() => _rate = new TokenBucket(Context.Options.UploadRate);

    public void Flush()
    {
        if (_order.Count == 0)
        {
            return;
        }

        _rate.Fill(Context.Now);
        while (_order.First is { } queue && _loads < Context.Options.MaxStoreRequests)
        {
            if (!_rate.MaySpend)
            {
                Context.Timers.ScheduleBy(_rateTimer, _rate.Ready(Context.Now));
                return;
            }

            Take(queue);
            Update(queue);
        }
    }

    /// <summary>Notes that a message was sent or not. Returns whether it was a reply.</summary>
    public bool MessageSent(PeerQueue queue, long messageId, bool ok)
    {
        if (!queue.InFlight.Remove(messageId, out Envelope? envelope))
        {
            return false;
        }

        queue.OutstandingBytes -= envelope.Bytes;
        queue.Failures = ok ? 0 : queue.Failures + 1;
        if (ok)
        {
            Context.Measures.SendTimes.Add(Context.Now - envelope.HandedOut);
        }

        if (queue.Failures >= Context.Options.MaxSendAttempts)
        {
            Context.Drop(queue.Peer, $"{queue.Failures} replies to it in a row could not be sent.", mayReturn: true);
        }

        foreach (PeerTask want in envelope.Wants)
        {
            if (ok)
            {
                queue.Peer.Ledger.Sent(want.Size);
                Context.Counters.BlocksSent++;
                Context.Counters.BytesSent += want.Size;
                Context.Measures.SentBlockSizes.Add(want.Size);
            }

            if (want.State != PeerTaskState.Sending)
            {
                continue;
            }

            bool isDueAgain = ok && want.IsAskedAgain;
            want.IsHandedOut = false;
            want.IsAskedAgain = false;
            if (isDueAgain)
            {
                server.Checks.Add(want);
            }
            else if (ok || ++want.Failures >= Context.Options.MaxSendAttempts)
            {
                server.Wantlists.Remove(want);
            }
            else
            {
                server.Wantlists.MakeReady(want);
            }
        }

        Update(queue);
        return true;
    }

    /// <summary>Forgets a peer that is gone: nothing more is done for it.</summary>
    public void Forget(PeerQueue queue)
    {
        _order.Remove(queue);
        queue.IsActive = false;
        NoteTaker(queue, false);

        queue.Ready.Clear();
        queue.Envelopes.Clear();
        queue.InFlight.Clear();
    }

    /// <summary>
    /// Gets the bytes that may be under way to one peer: what is allowed to one is divided among those that take blocks, as the line is, so that who comes
    /// later does not wait behind much. Who is only told what is not here takes no part of it. Two replies are always allowed: one being sent, one being read.
    /// </summary>
    private long Share
    {
        get
        {
            long most = Context.Options.MaxOutstandingReplyBytes;
            return Math.Min(most, Math.Max(2L * Context.Options.ReplyTarget, most / Math.Max(1, _takers)));
        }
    }

    private void NoteTaker(PeerQueue queue, bool takesBlocks)
    {
        if (takesBlocks != queue.TakesBlocks)
        {
            queue.TakesBlocks = takesBlocks;
            _takers += takesBlocks ? 1 : -1;
        }
    }

    private void Take(PeerQueue queue)
    {
        var envelope = new Envelope(queue);
        int target = Context.Options.ReplyTarget;
        while (envelope.Bytes < target && envelope.Presences.Count < MaxPresences && server.Budget.TryTakeRefused(queue, out Cid? refused))
        {
            Context.Counters.DontHavesSent++;
            envelope.Presences.Add(new BlockPresence(refused!, PresenceType.DontHave));
            envelope.Bytes += refused!.ByteLength + ElementOverhead;
        }

        while (envelope.Bytes < target && envelope.Presences.Count < MaxPresences && queue.Ready.TryPeek(out PeerTask? want))
        {
            bool asBlock = want!.Size >= 0 && (want.Type == WantType.Block || want.Size <= Context.Options.HaveToBlockSize);
            int cost = want.Cid.ByteLength + ElementOverhead + (asBlock ? want.Size : 0);
            if (envelope.Bytes > 0 && envelope.Bytes + cost > target)
            {
                break;
            }

            queue.Ready.Pop();
            want.QueuedAs = -1; // popped, so that Unlist does not count it as left behind
            PeerWantlists.Unlist(want);
            want.State = PeerTaskState.Sending;
            envelope.Bytes += cost;
            if (asBlock)
            {
                envelope.Wants.Add(want);
            }
            else if (want.Size >= 0)
            {
                Context.Counters.HavesSent++;
                envelope.Presences.Add(new BlockPresence(want.Cid, PresenceType.Have));
                server.Wantlists.Remove(want);
            }
            else
            {
                SayDontHave(envelope, want);
            }
        }

        queue.OutstandingBytes += envelope.Bytes;
        queue.IsUrgent = false;
        queue.PendingSince = Context.Now;
        queue.ServedTurn = ++_turn;
        queue.Rate.Spend(envelope.Bytes);
        _rate.Spend(envelope.Bytes);
        if (envelope.Wants.Count == 0)
        {
            Send(envelope);
            return;
        }

        var cids = new Cid[envelope.Wants.Count];
        for (int i = 0; i < cids.Length; i++)
        {
            cids[i] = envelope.Wants[i].Cid;
        }

        _loads++;
        queue.LoadingBytes += envelope.Bytes;
        queue.Envelopes.Enqueue(envelope);
        Context.Actions.Enqueue(new LoadBlocks(Context.Open(new LoadRequest(this, envelope)), cids));
    }

    private void SayDontHave(Envelope envelope, PeerTask want)
    {
        Context.Counters.DontHavesSent++;
        envelope.Presences.Add(new BlockPresence(want.Cid, PresenceType.DontHave));
        if (want.Denied)
        {
            server.Wantlists.Remove(want);
        }
        else
        {
            server.Wantlists.MakeMissing(want);
        }
    }

    private void Loaded(Envelope envelope, IReadOnlyList<ReadOnlyMemory<byte>?> data)
    {
        _loads--;
        envelope.Data = data;
        PeerQueue queue = envelope.Queue;
        if (!queue.Peer.IsConnected)
        {
            return;
        }

        while (queue.Envelopes.TryPeek(out Envelope? next) && next.IsLoaded)
        {
            queue.Envelopes.Dequeue();
            queue.LoadingBytes -= next.Bytes;
            Send(next);
        }

        Update(queue);
    }

    private void Send(Envelope envelope)
    {
        PeerQueue queue = envelope.Queue;
        var blocks = new List<Block>(envelope.Wants.Count);
        int kept = 0;
        for (int i = 0; i < envelope.Wants.Count; i++)
        {
            PeerTask want = envelope.Wants[i];
            if (want.State != PeerTaskState.Sending)
            {
                // Withdrawn while it was read.
                continue;
            }

            if (envelope.Data![i] is { } data && data.Length == want.Size)
            {
                blocks.Add(new Block(want.Cid, data));
                want.IsHandedOut = true;
                envelope.Wants[kept++] = want;
                continue;
            }

            // Removed from the store since it was checked.
            want.Size = PeerTask.NotHere;
            server.Waiting.Add(want);
            if (want.SendDontHave && queue.Peer.KnowsPresence)
            {
                SayDontHave(envelope, want);
            }
            else
            {
                server.Wantlists.MakeMissing(want);
            }
        }

        envelope.Wants.RemoveRange(kept, envelope.Wants.Count - kept);
        envelope.Data = null;
        if (blocks.Count == 0 && envelope.Presences.Count == 0)
        {
            queue.OutstandingBytes -= envelope.Bytes;
            return;
        }

        long id = Context.NextId();
        queue.InFlight.Add(id, envelope);
        envelope.HandedOut = Context.Now;
        Context.Counters.MessagesSent++;
        bool roomForPending = envelope.Bytes <= Context.Options.MaxMessageSize - ElementOverhead;
        int pending = queue.Peer.KnowsPresence && roomForPending ? (int)Math.Min(int.MaxValue, queue.ReadyBytes + queue.LoadingBytes) : 0;
        var message = new BitswapMessage { Blocks = blocks, Presences = envelope.Presences, PendingBytes = pending };
        Context.Actions.Enqueue(new SendMessage(queue.Peer.Id, id, message));
    }

    private sealed class LoadRequest(ReplyBuilder replies, Envelope envelope) : StoreRequest
    {
        public override int Count { get; } = envelope.Wants.Count;

        public override void Loaded(IReadOnlyList<ReadOnlyMemory<byte>?> data) => replies.Loaded(envelope, data);
    }

    /// <summary>Wakes the engine when the node's upload rate allows more; the work is done as actions are taken.</summary>
    private sealed class RateTimer : EngineTimer;
}
