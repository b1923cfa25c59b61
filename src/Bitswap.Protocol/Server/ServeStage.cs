namespace Bitswap.Protocol.Server;

/// <summary>Where a peer's want is on its way.</summary>
internal enum ServeStage : byte
{
    /// <summary>The store is to be asked whether the block is here.</summary>
    Unchecked,

    /// <summary>The block is not here; the want waits for it.</summary>
    Missing,

    /// <summary>Its answer is known and queued.</summary>
    Ready,

    /// <summary>The block is being read or sent.</summary>
    Sending,

    /// <summary>Withdrawn, answered, evicted, or its peer is gone.</summary>
    Gone,
}
