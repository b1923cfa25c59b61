using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>Takes in what peers say and send. Only what answers an open want changes anything: no peer can make state grow by talking.</summary>
internal sealed class AnswerHandler(EngineContext context, Wants wants, RequestTable requests, WantlistSender sender, EndGame endGame, PromisedBlocks promised, Timeouts timeouts)
{
    private static readonly TimeSpan _refusalPause = TimeSpan.FromSeconds(1);

    // What was received recently, to tell duplicates by.
    private readonly RecentSet _recent = new(context.Options.RecentBlocks);

    /// <summary>Takes in the blocks, presences and pending bytes of a message.</summary>
    public void Receive(PeerRequests peer, BitswapMessage message)
    {
        peer.SaidPending(message.PendingBytes);
        if (message.RejectedBlocks > 0)
        {
            peer.DidWrong(PeerAnswerKind.UnknownHash);
        }

        if (message.OversizedBlocks > 0)
        {
            peer.DidWrong(PeerAnswerKind.TooBig);
        }

        for (int i = 0; i < message.Blocks.Count; i++)
        {
            ReceiveBlock(peer, message.Blocks[i]);
        }

        for (int i = 0; i < message.Presences.Count; i++)
        {
            BlockPresence presence = message.Presences[i];
            if (!peer.ByHash.TryGetValue(presence.Cid.Hash, out PeerRequest? request) || !request.WasTold)
            {
                continue;
            }

            if (presence.Type == PresenceType.Have)
            {
                SaidHave(request);
            }
            else
            {
                SaidDontHave(request, presence.Refusal);
            }
        }
    }

    /// <summary>
    /// Notes that a stream broke off: what it was to bring is lost although the peer may count it as sent, so it is asked for again.
    /// </summary>
    public void StreamBroke(PeerRequests peer, PeerAnswerKind how)
    {
        peer.DidWrong(how);
        if (peer.Live.First is null)
        {
            return;
        }

        if (peer.StreamBroke())
        {
            requests.AskAgain(peer);
        }

        timeouts.Arm(peer);
    }

    /// <summary>Forgets that a block was received: it was taken out of the store, and may be wanted and received again.</summary>
    public void BlockRemoved(in Multihash hash) => _recent.Forget(hash);

    private void ReceiveBlock(PeerRequests peer, in Block block)
    {
        Multihash hash = block.Cid.Hash;
        peer.ByHash.TryGetValue(hash, out PeerRequest? request);
        ClientWant? want = wants.Find(hash);
        if (want is null || want.State == WantState.Storing || (!want.WantsBlock && request is not { WasTold: true }))
        {
            Unwanted(peer, block, isStoring: want is not null);
            return;
        }

        int size = block.Data.Length;
        context.Counters.BlocksReceived++;
        context.Counters.BytesReceived += size;
        context.Measures.ReceivedBlockSizes.Add(size);
        peer.Peer.Ledger.Received(size, context.Now);
        peer.CountWanted(size);
        TimeSpan latency = TimeSpan.Zero;
        if (request is { OnWire: true, MessageId: not 0 })
        {
            latency = context.Now - request.SentAt;
            Progress(peer);
            peer.Performance.Answered(latency);
            context.Measures.AnswerLatency.Add(latency);
            peer.BlockCame(latency, size);
        }

        peer.Performance.SentFirst();
        Credit(want, peer, size);
        if (request is not null)
        {
            request.BlockCame();
            requests.Release(request, withdraw: false);
        }

        if (want.WantsBlock)
        {
            _recent.Add(hash);
            wants.BlockCame(want, block.Data, peer.Id);
        }
        else
        {
            wants.WordCameAsBlock(want, peer.Id, latency);
        }

        promised.Take(peer);
    }

    private void Unwanted(PeerRequests peer, in Block block, bool isStoring)
    {
        int size = block.Data.Length;
        context.Measures.ReceivedBlockSizes.Add(size);
        bool isDuplicate = isStoring || _recent.Contains(block.Cid.Hash);
        if (isDuplicate)
        {
            context.Counters.DuplicateBlocks++;
            context.Counters.DuplicateBytes += size;
            context.Measures.DuplicateBlockSizes.Add(size);
        }
        else
        {
            context.Counters.UnwantedBlocks++;
            context.Counters.UnwantedBytes += size;
        }

        if (peer.Withdrawn.TryTake(block.Cid.Hash))
        {
            // It was asked for, and withdrawn or had from another since: that is not the peer's fault.
            return;
        }

        if (!isDuplicate)
        {
            peer.DidWrong(PeerAnswerKind.WrongBlock);
            if (peer.TryTellRefusal(_refusalPause))
            {
                context.Actions.Enqueue(new BlockRefused(peer.Id, block.Cid, size));
            }
        }

        long unwanted = peer.CountUnwanted(size);
        if (unwanted > context.Options.MaxUnwantedBytes)
        {
            context.Drop(peer.Peer, $"It sent {unwanted} bytes of blocks that it was not asked for.", mayReturn: false);
        }
    }

    private void SaidHave(PeerRequest request)
    {
        context.Counters.HavesReceived++;
        PeerRequests peer = request.Peer;
        ClientWant want = request.Want;
        if (request.Told == WantType.Block && request.IsUnanswered)
        {
            // It has the block and was asked for it: the block is the answer. But it is not silent.
            request.Confirm(context.Now);
            if (!want.Subscriptions.Exists(static subscription => !subscription.WantsBlock))
            {
                Progress(peer);
                return;
            }
        }

        if (request.Answer == RequestAnswer.Have)
        {
            return;
        }

        TimeSpan latency = Answered(request);
        bool upgrading = request.IsQueued && !request.IsRepetition && request.QueuedType == WantType.Block;
        if (request.Told != WantType.Block && !upgrading)
        {
            request.Unqueue();
            requests.Close(request);
        }

        if (request.Told == WantType.Have || request.Answer == RequestAnswer.DontHave)
        {
            request.SaidHave(context.Now);
        }

        Credit(want, peer, null);
        wants.PeerHas(want, peer.Id, latency);
        promised.Take(peer);
    }

    private void SaidDontHave(PeerRequest request, string? refusal)
    {
        context.Counters.DontHavesReceived++;
        Answered(request);
        if (request.Answer == RequestAnswer.DontHave)
        {
            return;
        }

        request.Unqueue();
        requests.Close(request);
        request.SaidDontHave(context.Now, refusal);
        timeouts.Arm(request.Peer);
        wants.PeerHasNot(request);
    }

    private TimeSpan Answered(PeerRequest request)
    {
        TimeSpan latency = context.Now - request.SentAt;
        Progress(request.Peer);
        if (request.IsUnanswered)
        {
            if (request.MessageId != 0)
            {
                request.Peer.Performance.Answered(latency);
                context.Measures.AnswerLatency.Add(latency);
            }

            request.Answered(context.Now);
        }

        return latency;
    }

    private void Progress(PeerRequests peer)
    {
        peer.GaveAnswer();
        sender.Mark(peer);
    }

    /// <summary>Gives a peer a place, and credit, in the sessions of a want that it has the block of.</summary>
    private void Credit(ClientWant want, PeerRequests peer, int? blockSize)
    {
        Session? previous = null;
        for (int i = 0; i < want.Subscriptions.Count; i++)
        {
            Session session = want.Subscriptions[i].Session;
            if (session == previous || !session.Allows(peer.Id))
            {
                continue;
            }

            previous = session;
            session.Heard(context.Now);
            SessionPeer known = session.Find(peer) ?? session.AddProven(peer, context.Options.MaxSessionPeers);
            known.Hit(blockSize is not null);
            if (blockSize is { } size)
            {
                session.BlockCame(size);
                endGame.Mark(session);
            }
            else if (want.BlockRequest is { Peer.Performance.IsMeasured: false })
            {
                // Who is asked for the block has never sent one, and here is another who says it has it.
                endGame.Mark(session);
            }
        }
    }
}
