namespace Bitswap;

/// <summary>How telling others that a node has a block ended.</summary>
public sealed class BitswapProviderRecord
{
    internal BitswapProviderRecord()
    {
    }

    /// <summary>The block.</summary>
    public required string Cid { get; init; }

    /// <summary>Where it was announced.</summary>
    public ProviderSourceKind Source { get; init; }

    /// <summary>The peers that took it. They do not say whether they keep it.</summary>
    public required string[] Peers { get; init; }

    /// <summary>The peers that did not, and why.</summary>
    public required BitswapRefusal[] Refusals { get; init; }

    /// <summary>The node that has the block.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Cid;
}

/// <summary>A peer that did not take what it was told.</summary>
public sealed class BitswapRefusal
{
    internal BitswapRefusal()
    {
    }

    /// <summary>The peer.</summary>
    public required string PeerId { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{PeerId}: {Reason}";
}
