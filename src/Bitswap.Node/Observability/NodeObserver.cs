namespace Bitswap.Node.Observability;

/// <summary>Looks on at what a node does. Use <see cref="NodeWatcher"/> unless every observation can be dealt with at once.</summary>
public abstract class NodeObserver
{
    /// <summary>Makes an observer of some kinds.</summary>
    protected NodeObserver(ObservationKinds kinds) => Kinds = kinds;

    /// <summary>Gets the kinds that it hears of.</summary>
    public ObservationKinds Kinds { get; }

    /// <summary>
    /// Hears of one thing, in the order in which they happen. Called on the node's own loop: it must return at once and wait for nothing.
    /// One that throws is logged and hears no more.
    /// </summary>
    public abstract void Observe(NodeObservation observation);

    /// <summary>Nothing more comes: the observer was taken away, or the node has ended.</summary>
    public virtual void Complete()
    {
    }
}

/// <summary>The kinds of observations.</summary>
[Flags]
public enum ObservationKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="MessageObservation"/>.</summary>
    Messages = 1,

    /// <summary><see cref="DeliveryObservation"/>.</summary>
    Deliveries = 2,

    /// <summary><see cref="PeerObservation"/>.</summary>
    Peers = 4,

    /// <summary><see cref="BlockObservation"/>.</summary>
    Blocks = 8,

    /// <summary><see cref="WantObservation"/> and <see cref="WantEndObservation"/>.</summary>
    Wants = 16,

    /// <summary><see cref="CorruptionObservation"/>.</summary>
    Corruption = 32,

    /// <summary>Everything.</summary>
    All = Messages | Deliveries | Peers | Blocks | Wants | Corruption,
}
