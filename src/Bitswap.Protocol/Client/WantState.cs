namespace Bitswap.Protocol.Client;

/// <summary>Specifies where a want of ours is on its way. <see cref="ClientWant"/> has the transitions.</summary>
internal enum WantState
{
    /// <summary>The store is asked.</summary>
    Looking,

    /// <summary>In the queue of its sessions, held back until a peer has room.</summary>
    Fresh,

    /// <summary>Peers are asked.</summary>
    Active,

    /// <summary>In the queue for a broadcast.</summary>
    AwaitingBroadcast,

    /// <summary>All that may be asked said no; waits for a new peer, a change of mind, or a provider search.</summary>
    Parked,

    /// <summary>The block came and is being stored.</summary>
    Storing,

    /// <summary>Over.</summary>
    Ended,
}
