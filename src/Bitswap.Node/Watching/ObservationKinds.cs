namespace Bitswap.Node.Watching;

/// <summary>What an observer hears of.</summary>
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
