using Bitswap.Node;
using Bitswap.Node.Observability;

namespace Bitswap.Nodes;

/// <summary>
/// Raises a node's events, one after the other in the order in which things happened, on a task of its own that runs while anybody has
/// subscribed. A slow subscriber costs events, which are counted, never the node its time.
/// </summary>
/// <param name="host">The node.</param>
/// <param name="raise">Raises the events of one observation; what a subscriber throws is counted.</param>
internal sealed class NodeEvents(NodeHost host, Action<NodeObservation> raise)
{
    /// <summary>How many observations may wait for subscribers.</summary>
    private const int Room = 16_384;

    private readonly Lock _lock = new();
    private NodeWatcher? _watcher;
    private int _subscribers;
    private long _droppedBefore;
    private long _failed;

    /// <summary>Events that were lost, since subscribers were too slow.</summary>
    public long Dropped
    {
        get
        {
            lock (_lock)
            {
                return _droppedBefore + (_watcher?.Dropped ?? 0);
            }
        }
    }

    /// <summary>Calls of subscribers that threw.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Ends once the last observation was raised.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>A handler was added.</summary>
    public void Subscribed()
    {
        lock (_lock)
        {
            if (++_subscribers == 1)
            {
                NodeWatcher watcher = new(ObservationKinds.Peers | ObservationKinds.Blocks | ObservationKinds.Deliveries | ObservationKinds.Wants | ObservationKinds.Corruption, Room, IsEvent);
                Task former = Completion;
                _watcher = watcher;
                Completion = Task.Run(() => RunAsync(watcher, former));
                host.Watch(watcher);
            }
        }
    }

    /// <summary>A handler was removed.</summary>
    public void Unsubscribed()
    {
        lock (_lock)
        {
            if (_subscribers > 0 && --_subscribers == 0 && _watcher is { } watcher)
            {
                host.Unwatch(watcher);
                _droppedBefore += watcher.Dropped;
                _watcher = null;
            }
        }
    }

    // messages that carry no block make no event, and take no room
    private static bool IsEvent(NodeObservation observation) => observation is not DeliveryObservation || observation is DeliveryObservation { IsDelivered: true, Blocks.Count: > 0 };

    private async Task RunAsync(NodeWatcher watcher, Task former)
    {
        await former.ConfigureAwait(false);
        while (await watcher.WaitAsync().ConfigureAwait(false))
        {
            while (watcher.TryRead(out NodeObservation? observation))
            {
                try
                {
                    raise(observation);
                }
                catch (Exception)
                {
                    // a subscriber may be anyone's code: what it throws is counted where it can be seen, and the next event comes all the same
                    Interlocked.Increment(ref _failed);
                }
            }
        }
    }
}
