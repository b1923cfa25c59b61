namespace Bitswap;

/// <summary>A peer that has a block, or that a source names as a provider of it.</summary>
public sealed class BitswapProvider
{
    internal BitswapProvider()
    {
    }

    /// <summary>The block.</summary>
    public required string Cid { get; init; }

    /// <summary>The peer.</summary>
    public required string PeerId { get; init; }

    /// <summary>Where it can be dialled, each ending with its id; empty when no source said.</summary>
    public required string[] Addresses { get; init; }

    /// <summary>Who had named it when this object was written.</summary>
    public required ProviderSourceKind[] Source { get; init; }

    /// <summary>Whether it was connected when it was found.</summary>
    public bool Connected { get; init; }

    /// <summary>How it gives the block, as transport-bitswap; empty when no source said.</summary>
    public required string[] Protocols { get; init; }

    /// <summary>Whether it serves the block now: it said HAVE, or it said DONT_HAVE or cannot be reached; null when that is not known.</summary>
    public bool? Serving { get; init; }

    /// <summary>What it said when it was asked itself: Have, DontHave, Silent, Unreachable, CannotAsk (it speaks no Bitswap, or one that cannot say); null when it was not asked.</summary>
    public string? Answer { get; init; }

    /// <summary>Why it cannot be asked, or could not be: it has QUIC addresses alone, no address of it is known, it gives blocks by HTTP, it did not answer; null when it can, or was.</summary>
    public string? Reason { get; init; }

    /// <summary>How long that took, with the dial where there was one; null when it was not asked.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>The node that looked for it.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PeerId;
}
