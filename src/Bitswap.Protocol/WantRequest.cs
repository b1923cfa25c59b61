using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol;

/// <summary>One caller's interest in one block.</summary>
public sealed record WantRequest
{
    /// <summary>Names the interest in <see cref="BitswapEngine.CancelWant"/> and in actions. The caller chooses it; unique among open wants.</summary>
    public required long Id { get; init; }

    /// <summary>The block. CIDs of one multihash are satisfied by one block, and each caller gets it under the CID that it named.</summary>
    public required Cid Cid { get; init; }

    /// <summary>Higher is asked for first; any int32. 1 by default (Bitswap specification).</summary>
    public int Priority { get; init; } = 1;

    /// <summary>Whether the block is wanted, or only word of who has it.</summary>
    public WantType Type { get; init; }

    /// <summary>Wants of one session share what is learnt about peers. 0, the default, is a session like any other.</summary>
    public long SessionId { get; init; }

    /// <summary>When given, only these peers ever learn of the want: no broadcast, no provider search, no CANCEL to others.</summary>
    public IReadOnlyList<PeerId>? OnlyPeers { get; init; }

    /// <summary>When the want ends with <see cref="WantEndReason.Timeout"/>, on the engine's clock; null for never.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>
    /// True: ends with <see cref="WantEndReason.NotFound"/> as soon as every connected peer that may be asked said no, and no
    /// provider search is open. A peer that is silent, or said HAVE and sends nothing, has not said no: the want waits for it until its deadline, as it does while no
    /// such peer is connected (see <see cref="EngineOptions.FailFastWithoutPeers"/>). False: stays until it is satisfied or withdrawn, and is
    /// asked of peers that connect later.
    /// </summary>
    public bool FailFast { get; init; }

    /// <summary>True: only the store is asked, and a miss ends with <see cref="WantEndReason.NotFound"/>.</summary>
    public bool LocalOnly { get; init; }

    /// <summary>
    /// True: the store counts for nothing, and only what a peer says or sends ends the want. So a peer can be asked whether it has what is here,
    /// too. Not together with <see cref="LocalOnly"/>.
    /// </summary>
    public bool SkipStore { get; init; }
}
