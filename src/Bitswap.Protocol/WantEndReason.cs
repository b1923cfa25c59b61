using Bitswap.Multiformats;

namespace Bitswap.Protocol;

/// <summary>Why a want ended without what it wanted.</summary>
public enum WantEndReason
{
    /// <summary>Its owner, or <see cref="BitswapEngine.CancelCid"/>, withdrew it.</summary>
    Cancelled = 0,

    /// <summary>Its deadline passed.</summary>
    Timeout = 1,

    /// <summary>Every source that there is has said no or cannot be asked, or the look-up was local only and missed.</summary>
    NotFound = 2,

    /// <summary>The block came, but the store could not write it.</summary>
    StoreFailed = 3,

    /// <summary>The engine already holds <see cref="EngineOptions.MaxWants"/> wants.</summary>
    TooManyWants = 4,

    /// <summary>No block may have the CID (<see cref="BlockRule"/>), so that neither the store nor a peer is asked for it.</summary>
    Refused = 5,
}
