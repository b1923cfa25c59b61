namespace Bitswap.Protocol;

/// <summary>Where a want of this node is on its way.</summary>
public enum WantlistState
{
    /// <summary>The store is being asked.</summary>
    Looking = 0,

    /// <summary>Held back: no peer, or none with room.</summary>
    Waiting = 1,

    /// <summary>Peers are being asked.</summary>
    Asking = 2,

    /// <summary>All that may be asked said no; new peers will be asked.</summary>
    NotFound = 3,

    /// <summary>The block came and is being stored.</summary>
    Storing = 4,
}
