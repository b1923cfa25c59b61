using Bitswap.Multiformats;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Abstractions;

/// <summary>Represents one caller's want of one block.</summary>
public sealed record WantRequest
{
    /// <summary>Gets the name of the want in <see cref="BitswapEngine.CancelWant"/> and in actions. The caller chooses it; unique among open wants.</summary>
    public required long Id { get; init; }

    /// <summary>Gets the block. CIDs of one multihash are satisfied by one block, and each caller gets it under the CID that it named.</summary>
    public required Cid Cid { get; init; }

    /// <summary>Gets the priority: higher is asked for first; any int32. 1 by default (Bitswap specification).</summary>
    public int Priority { get; init; } = 1;

    /// <summary>Gets whether the block is wanted, or only word of who has it.</summary>
    public WantType Type { get; init; }

    /// <summary>Gets the session: wants of one session share what is learnt about peers. 0, the default, is a session like any other.</summary>
    public long SessionId { get; init; }

    /// <summary>Gets the allowed peers: when given, only these peers ever learn of the want: no broadcast, no provider search, no CANCEL to others.</summary>
    public IReadOnlyList<PeerId>? OnlyPeers { get; init; }

    /// <summary>Gets when the want ends with <see cref="WantEndReason.Timeout"/>, on the engine's clock; null for never.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>
    /// Gets whether the want fails fast: it ends with <see cref="WantEndReason.NotFound"/> as soon as every connected peer that may be asked said no, and no
    /// provider search is open. A peer that is silent, or said HAVE and sends nothing, has not said no: the want waits for it until its deadline, as it does while no
    /// such peer is connected (see <see cref="EngineOptions.FailFastWithoutPeers"/>). False: stays until it is satisfied or withdrawn, and is
    /// asked of peers that connect later.
    /// </summary>
    public bool FailFast { get; init; }

    /// <summary>Gets whether only the store is asked, and a miss ends with <see cref="WantEndReason.NotFound"/>.</summary>
    public bool LocalOnly { get; init; }

    /// <summary>
    /// Gets whether the store is skipped: it counts for nothing, and only what a peer says or sends ends the want. So a peer can be asked whether it has what is here,
    /// too. Not together with <see cref="LocalOnly"/>.
    /// </summary>
    public bool SkipStore { get; init; }
}

/// <summary>Specifies why a want ended without what it wanted.</summary>
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
