using Bitswap.Node.Observability;
using Bitswap.Nodes;

namespace Bitswap;

/// <content>What happens, for <c>Register-ObjectEvent</c> and for C#: raised in order, on a thread of the node's, never on its loop.</content>
public sealed partial class BitswapNode
{
    private readonly NodeEvents _events;
    private EventHandler<BitswapPeerEventArgs>? _peerConnected;
    private EventHandler<BitswapPeerEventArgs>? _peerDisconnected;
    private EventHandler<BitswapBlockEventArgs>? _blockReceived;
    private EventHandler<BitswapBlockEventArgs>? _blockSent;
    private EventHandler<BitswapCorruptBlockEventArgs>? _blockCorrupt;
    private EventHandler<BitswapWantEventArgs>? _wantStarted;
    private EventHandler<BitswapWantEventArgs>? _wantEnded;

    /// <summary>A peer that speaks Bitswap is connected.</summary>
    public event EventHandler<BitswapPeerEventArgs>? PeerConnected
    {
        add => Add(ref _peerConnected, value);
        remove => Remove(ref _peerConnected, value);
    }

    /// <summary>A peer that spoke Bitswap is gone.</summary>
    public event EventHandler<BitswapPeerEventArgs>? PeerDisconnected
    {
        add => Add(ref _peerDisconnected, value);
        remove => Remove(ref _peerDisconnected, value);
    }

    /// <summary>A wanted block came from a peer and is stored.</summary>
    public event EventHandler<BitswapBlockEventArgs>? BlockReceived
    {
        add => Add(ref _blockReceived, value);
        remove => Remove(ref _blockReceived, value);
    }

    /// <summary>A block was sent to a peer.</summary>
    public event EventHandler<BitswapBlockEventArgs>? BlockSent
    {
        add => Add(ref _blockSent, value);
        remove => Remove(ref _blockSent, value);
    }

    /// <summary>A stored block was found corrupt when it was to be served or read. It is offered to no peer until it is put again.</summary>
    public event EventHandler<BitswapCorruptBlockEventArgs>? BlockCorrupt
    {
        add => Add(ref _blockCorrupt, value);
        remove => Remove(ref _blockCorrupt, value);
    }

    /// <summary>Something is wanted: by Get-BitswapBlock, Start-BitswapWant or another caller.</summary>
    public event EventHandler<BitswapWantEventArgs>? WantStarted
    {
        add => Add(ref _wantStarted, value);
        remove => Remove(ref _wantStarted, value);
    }

    /// <summary>A want ended, with what was wanted or without.</summary>
    public event EventHandler<BitswapWantEventArgs>? WantEnded
    {
        add => Add(ref _wantEnded, value);
        remove => Remove(ref _wantEnded, value);
    }

    /// <summary>Events that were lost, since subscribers were too slow.</summary>
    public long EventsDropped => _events.Dropped;

    /// <summary>Times that a subscriber threw.</summary>
    public long EventsFailed => _events.Failed;

    private void Add<T>(ref EventHandler<T>? handlers, EventHandler<T>? added)
    {
        if (added is null)
        {
            return;
        }

        EventHandler<T>? before;
        do
        {
            before = handlers;
        }
        while (Interlocked.CompareExchange(ref handlers, before + added, before) != before);
        _events.Subscribed();
    }

    private void Remove<T>(ref EventHandler<T>? handlers, EventHandler<T>? removed)
    {
        EventHandler<T>? before;
        EventHandler<T>? after;
        do
        {
            before = handlers;
            after = before - removed;
            if (after == before)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref handlers, after, before) != before);
        _events.Unsubscribed();
    }

    private void Raise(NodeObservation observation)
    {
        switch (observation)
        {
            case PeerObservation { Version: { } version } came:
                _peerConnected?.Invoke(this, new BitswapPeerEventArgs(came.Time, came.Peer, ProtocolVersions.Name(version)));
                break;
            case PeerObservation left:
                _peerDisconnected?.Invoke(this, new BitswapPeerEventArgs(left.Time, left.Peer, null));
                break;
            case BlockObservation block:
                _blockReceived?.Invoke(this, new BitswapBlockEventArgs(block.Time, block.Peer, block.Cid, block.Size));
                break;
            case DeliveryObservation { IsDelivered: true } delivery when _blockSent is not null:
                foreach (BlockSummary block in delivery.Blocks)
                {
                    _blockSent?.Invoke(this, new BitswapBlockEventArgs(delivery.Time, delivery.Peer, block.Cid, block.Size));
                }

                break;
            case CorruptionObservation corruption:
                _blockCorrupt?.Invoke(this, new BitswapCorruptBlockEventArgs(corruption.Time, corruption.Cid, corruption.Reason));
                break;
            case WantObservation want:
                _wantStarted?.Invoke(this, new BitswapWantEventArgs(want.Time, want.WantId, want.Cid, null, null));
                break;
            case WantEndObservation end:
                _wantEnded?.Invoke(this, new BitswapWantEventArgs(end.Time, end.WantId, end.Cid, end.Outcome ?? "Received", end.From));
                break;
        }
    }
}
