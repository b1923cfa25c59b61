using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Observability;

/// <summary>
/// Tells a node's observers what happens on its loop. Without an observer it costs one comparison. The members that tell are for the
/// loop alone; adding and removing is for anyone.
/// </summary>
internal sealed class NodeWatch(TimeProvider clock, ILogger log)
{
    private readonly Lock _lock = new();
    private volatile NodeObserver[] _observers = [];
    private volatile ObservationKinds _kinds;
    private bool _ended;

    /// <summary>Returns whether anybody hears of these.</summary>
    public bool Sees(ObservationKinds kinds) => (_kinds & kinds) != 0;

    /// <summary>Lets an observer look on; where the node has ended it is told so at once.</summary>
    public void Add(NodeObserver observer)
    {
        lock (_lock)
        {
            if (!_ended)
            {
                Set([.. _observers, observer]);
                return;
            }
        }

        observer.Complete();
    }

    /// <summary>Takes an observer away; one that is not there is ignored.</summary>
    public void Remove(NodeObserver observer)
    {
        lock (_lock)
        {
            if (!_observers.Contains(observer))
            {
                return;
            }

            Set([.. _observers.Where(other => other != observer)]);
        }

        observer.Complete();
    }

    /// <summary>Ends all observers: the node has ended.</summary>
    public void End()
    {
        NodeObserver[] last;
        lock (_lock)
        {
            _ended = true;
            last = _observers;
            Set([]);
        }

        foreach (NodeObserver observer in last)
        {
            observer.Complete();
        }
    }

    public void MessageReceived(PeerId peer, BitswapMessage message)
    {
        log.MessageReceived(peer, message.Wantlist.Count, message.Blocks.Count, message.Presences.Count);
        if (Sees(ObservationKinds.Messages))
        {
            Tell(ObservationKinds.Messages, Summarize(peer, isSent: false, 0, message));
        }
    }

    public void MessageSent(SendMessage send)
    {
        log.MessageSent(send.Peer, send.Message.Wantlist.Count, send.Message.Blocks.Count, send.Message.Presences.Count);
        if (Sees(ObservationKinds.Messages))
        {
            Tell(ObservationKinds.Messages, Summarize(send.Peer, isSent: true, send.MessageId, send.Message));
        }
    }

    public void Delivered(PeerId peer, long id, BitswapMessage message, bool ok)
    {
        if (Sees(ObservationKinds.Deliveries))
        {
            Tell(ObservationKinds.Deliveries, new DeliveryObservation(clock.GetUtcNow(), peer, id, ok, Summarize(message.Blocks)));
        }
    }

    public void PeerConnected(PeerId peer, BitswapVersion version)
    {
        if (Sees(ObservationKinds.Peers))
        {
            Tell(ObservationKinds.Peers, new PeerObservation(clock.GetUtcNow(), peer, version));
        }
    }

    public void PeerDisconnected(PeerId peer)
    {
        if (Sees(ObservationKinds.Peers))
        {
            Tell(ObservationKinds.Peers, new PeerObservation(clock.GetUtcNow(), peer, null));
        }
    }

    public void BlockReceived(PeerId from, Block block)
    {
        if (Sees(ObservationKinds.Blocks))
        {
            Tell(ObservationKinds.Blocks, new BlockObservation(clock.GetUtcNow(), from, block.Cid, block.Data.Length));
        }
    }

    public void Wanted(NodeWant want)
    {
        log.Wanted(want.Cid, want.Id, want.Options.Priority);
        if (Sees(ObservationKinds.Wants))
        {
            WantOptions options = want.Options;
            Tell(
                ObservationKinds.Wants,
                new WantObservation(clock.GetUtcNow(), want.Id, want.Cid, options.Type, options.Priority, options.Session, options.OnlyPeers, options.SkipStore));
        }
    }

    public void WantEnded(NodeWant want, string? outcome, PeerId? from)
    {
        log.WantEnded(want.Id, want.Cid, outcome ?? "received");
        if (Sees(ObservationKinds.Wants))
        {
            Tell(ObservationKinds.Wants, new WantEndObservation(clock.GetUtcNow(), want.Id, want.Cid, outcome, from));
        }
    }

    public void BlockCorrupt(Cid cid, string reason)
    {
        if (Sees(ObservationKinds.Corruption))
        {
            Tell(ObservationKinds.Corruption, new CorruptionObservation(clock.GetUtcNow(), cid, reason));
        }
    }

    private void Tell(ObservationKinds kind, NodeObservation observation)
    {
        foreach (NodeObserver observer in _observers)
        {
            if ((observer.Kinds & kind) == 0)
            {
                continue;
            }

            try
            {
                observer.Observe(observation);
            }
            catch (Exception failure)
            {
                // An observer may be anyone's code, and must not end the node.
                log.ObserverFailed(failure, observer.GetType().Name);
                Remove(observer);
            }
        }
    }

    private MessageObservation Summarize(PeerId peer, bool isSent, long id, BitswapMessage message) =>
        new(clock.GetUtcNow(), peer, isSent, id, message.Full, message.Wantlist, Summarize(message.Blocks), message.Presences, message.PendingBytes);

    // Not the blocks themselves: a slow observer must not hold their data in memory.
    private static BlockSummary[] Summarize(IReadOnlyList<Block> blocks)
    {
        if (blocks.Count == 0)
        {
            return [];
        }

        BlockSummary[] summaries = new BlockSummary[blocks.Count];
        for (int i = 0; i < summaries.Length; i++)
        {
            summaries[i] = new BlockSummary(blocks[i].Cid, blocks[i].Data.Length);
        }

        return summaries;
    }

    private void Set(NodeObserver[] observers)
    {
        _observers = observers;
        _kinds = observers.Aggregate(ObservationKinds.None, (kinds, observer) => kinds | observer.Kinds);
    }
}
