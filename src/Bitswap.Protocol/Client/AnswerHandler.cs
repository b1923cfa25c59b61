using Bitswap.Protocol.Actions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Client;

/// <summary>What peers say and send. Only what answers an open want changes anything: no peer can make state grow by talking.</summary>
internal sealed class AnswerHandler(ClientSide client)
{
    private static readonly TimeSpan _refusalPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<long, ClientWant> _storing = [];

    private EngineContext Context => client.Context;

    public int StoringCount => _storing.Count;

    public void Receive(Peer peer, BitswapMessage message)
    {
        peer.Link.TheirPendingBytes = message.PendingBytes;
        if (message.RejectedBlocks > 0)
        {
            peer.Link.DidWrong(PeerAnswerKind.UnknownHash);
        }

        if (message.OversizedBlocks > 0)
        {
            peer.Link.DidWrong(PeerAnswerKind.TooBig);
        }

        for (int i = 0; i < message.Blocks.Count; i++)
        {
            ReceiveBlock(peer, message.Blocks[i]);
        }

        for (int i = 0; i < message.Presences.Count; i++)
        {
            BlockPresence presence = message.Presences[i];
            if (!peer.Link.Asks.TryGetValue(presence.Cid.Hash, out PeerWant? ask) || ask.FirstAsked == TimeSpan.MinValue)
            {
                // It was never told of it.
                continue;
            }

            if (presence.Type == PresenceType.Have)
            {
                SaidHave(ask);
            }
            else
            {
                SaidDontHave(ask);
            }
        }
    }

    /// <summary>The store has answered: a block is only given to callers, and to peers, once it is kept. Gives what was stored.</summary>
    public Block? BlockStored(long requestId, string? error)
    {
        if (!_storing.Remove(requestId, out ClientWant? want))
        {
            throw new ArgumentException($"No block is being stored under request {requestId}.", nameof(requestId));
        }

        client.Pump.StoringBytes -= want.StoringBytes;
        client.Pump.RoomOpened();
        ReadOnlyMemory<byte> data = want.StoringData;
        want.StoringData = default;
        want.State = WantState.Active;
        if (error is not null)
        {
            client.Ending.EndAll(want, WantEndReason.StoreFailed, error);
            return null;
        }

        client.Ending.Satisfy(want, data, want.StoringFrom);
        return new Block(want.Cid, data);
    }

    /// <summary>A peer said no: it loses its place in the sessions of the want when it did so too often.</summary>
    public void Missed(PeerWant ask)
    {
        for (int i = 0; i < ask.Want.Interests.Count; i++)
        {
            Session session = ask.Want.Interests[i].Session;
            if (session.Find(ask.Link) is not { } peer)
            {
                continue;
            }

            peer.Miss();
            if (peer.MissesInRow > Context.Options.SessionPruneAfter && session.Peers.Count > 1 && !HoldsSomethingWanted(ask.Link))
            {
                session.Remove(ask.Link);
                session.Pruned.Add(ask.Link.Peer.Id);
                session.PeersAsOf = -1;
            }
        }
    }

    private void ReceiveBlock(Peer peer, in Block block)
    {
        Multihash hash = block.Cid.Hash;
        PeerLink link = peer.Link;
        link.Asks.TryGetValue(hash, out PeerWant? ask);
        if (!client.Wants.TryGetValue(hash, out ClientWant? want)
            || want.State == WantState.Storing
            || (!want.WantsBlock && (ask is null || ask.FirstAsked == TimeSpan.MinValue)))
        {
            Unwanted(peer, block, want is not null);
            return;
        }

        int size = block.Data.Length;
        Context.Counters.BlocksReceived++;
        Context.Counters.BytesReceived += size;
        Context.Counters.ReceivedSizes.Add(size);
        peer.Ledger.Received(size, Context.Now);
        peer.UnwantedBytes = Math.Max(0, peer.UnwantedBytes - size);
        TimeSpan latency = TimeSpan.Zero;
        if (ask is { OnWire: true, MessageId: not 0 })
        {
            latency = Context.Now - ask.SentAt;
            Progress(link);
            link.Measured(latency);
            Context.Counters.AnswerLatency.Add(latency);
            link.BlockCame(latency, size);
        }

        link.FirstResponses++;
        Credit(want, link, size);
        if (ask is not null)
        {
            ask.TimesTold--;
            AskBook.Release(client, ask, withdraw: false);
        }

        if (!want.WantsBlock)
        {
            // Some answer WANT_HAVE with the whole block (py-libp2p; boxo when it is small).
            client.Ending.SatisfyHaves(want, peer.Id, latency);
            client.Placement.Advance(want);
            return;
        }

        client.Recent.Add(hash);
        client.Placement.Withdraw(want);
        want.State = WantState.Storing;
        want.StoringBytes = size;
        want.StoringData = block.Data;
        want.StoringFrom = peer.Id;
        client.Pump.StoringBytes += size;
        long id = Context.NextId();
        _storing.Add(id, want);
        Context.Actions.Enqueue(new StoreBlock(id, new Block(want.Cid, block.Data), peer.Id));
    }

    private void Unwanted(Peer peer, in Block block, bool isStoring)
    {
        int size = block.Data.Length;
        Context.Counters.ReceivedSizes.Add(size);
        bool isDuplicate = isStoring || client.Recent.Contains(block.Cid.Hash);
        if (isDuplicate)
        {
            Context.Counters.DuplicateBlocks++;
            Context.Counters.DuplicateBytes += size;
            Context.Counters.DuplicateSizes.Add(size);
        }
        else
        {
            Context.Counters.UnwantedBlocks++;
            Context.Counters.UnwantedBytes += size;
        }

        if (peer.Link.Withdrawn.TryTake(block.Cid.Hash))
        {
            // It was asked for, and withdrawn or had from another since: that is not the peer's fault.
            return;
        }

        if (!isDuplicate)
        {
            peer.Link.DidWrong(PeerAnswerKind.WrongBlock);
            if (peer.RefusalToldAt + _refusalPause <= Context.Now)
            {
                // Of a flood a line now and then tells enough.
                peer.RefusalToldAt = Context.Now;
                Context.Actions.Enqueue(new BlockRefused(peer.Id, block.Cid, size));
            }
        }

        peer.UnwantedBytes += size;
        if (peer.UnwantedBytes > Context.Options.MaxUnwantedBytes)
        {
            Context.Drop(peer, $"It sent {peer.UnwantedBytes} bytes of blocks that it was not asked for.", mayReturn: false);
        }
    }

    private void SaidHave(PeerWant ask)
    {
        Context.Counters.HavesReceived++;
        PeerLink link = ask.Link;
        ClientWant want = ask.Want;
        if (ask.Told == WantType.Block && ask.Answer is AskAnswer.None or AskAnswer.Simulated)
        {
            // It has the block and was asked for it: the block is the answer. But it is not silent.
            ask.ConfirmedAt ??= Context.Now;
            if (!want.Interests.Exists(static i => !i.WantsBlock))
            {
                Progress(link);
                return;
            }
        }

        if (ask.Answer == AskAnswer.Have)
        {
            return;
        }

        TimeSpan latency = Answered(ask);
        bool upgrading = ask.IsQueued && !ask.IsRepetition && ask.QueuedType == WantType.Block;
        if (ask.Told != WantType.Block && !upgrading)
        {
            AskBook.Unqueue(ask);
            AskBook.Close(client, ask);
        }

        if (ask.Told == WantType.Have || ask.Answer == AskAnswer.DontHave)
        {
            ask.Answer = AskAnswer.Have;
            ask.SentAt = Context.Now;
            ask.List?.Remove(ask);
            if (ask.OnWire)
            {
                link.Promises.Append(ask);
            }
        }

        Credit(want, link, null);
        client.Ending.SatisfyHaves(want, link.Peer.Id, latency);
        if (want.State == WantState.AwaitingBroadcast)
        {
            want.QueuedAs = -1;
            want.State = WantState.Active;
        }
        else if (want.State == WantState.Parked && !want.Searching)
        {
            client.Placement.Unpark(want);
        }

        client.Placement.Advance(want);
    }

    private void SaidDontHave(PeerWant ask)
    {
        Context.Counters.DontHavesReceived++;
        Answered(ask);
        if (ask.Answer == AskAnswer.DontHave)
        {
            return;
        }

        if (ask.Promised || ask.Answer == AskAnswer.Have)
        {
            ask.BrokenPromises++;
            ask.Promised = false;
        }

        ask.Answer = AskAnswer.DontHave;
        AskBook.Unqueue(ask);
        AskBook.Close(client, ask);
        ask.SentAt = Context.Now;
        ask.Link.Denied.Add(ask, Context.Now);
        client.Timeouts.Reschedule(ask.Link);
        Missed(ask);
        client.Placement.Advance(ask.Want);
        client.Exhaustion.AfterNo(ask.Want);
    }

    private TimeSpan Answered(PeerWant ask)
    {
        TimeSpan latency = Context.Now - ask.SentAt;
        Progress(ask.Link);
        if (ask.Answer is AskAnswer.None or AskAnswer.Simulated)
        {
            if (ask.MessageId != 0)
            {
                ask.Link.Measured(latency);
                Context.Counters.AnswerLatency.Add(latency);
            }

            ask.AnsweredAt = Context.Now;
        }

        return latency;
    }

    private void Progress(PeerLink link)
    {
        link.WasHeard();
        link.AnswerCount++;
        client.Sender.MarkDirty(link);
    }

    private void Credit(ClientWant want, PeerLink link, int? blockSize)
    {
        Session? previous = null;
        for (int i = 0; i < want.Interests.Count; i++)
        {
            Session session = want.Interests[i].Session;
            if (session == previous || !session.Allows(link.Peer.Id))
            {
                continue;
            }

            previous = session;
            client.Ticks.Heard(session);
            SessionPeer? peer = session.Find(link);
            if (peer is null)
            {
                peer = new SessionPeer(link);
                session.Pruned.Remove(link.Peer.Id);
                if (session.Peers.Count >= Context.Options.MaxSessionPeers)
                {
                    session.RemoveWorst();
                }

                session.Peers.Add(peer);
            }

            peer.Hit(blockSize is not null);
            if (blockSize is { } size)
            {
                session.BlockCame(size);
            }
        }
    }

    private static bool HoldsSomethingWanted(PeerLink link)
    {
        // The latest are looked at, so that the cost is bounded.
        int looked = 0;
        for (PeerWant? ask = link.Promises.Last; ask is not null && looked < 64; ask = ask.Previous, looked++)
        {
            if (ask.IsPromising)
            {
                return true;
            }
        }

        return false;
    }
}
