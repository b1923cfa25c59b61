namespace Bitswap;

/// <summary>Whether one source has a block.</summary>
public sealed class BitswapBlockStatus
{
    internal BitswapBlockStatus()
    {
    }

    /// <summary>The block.</summary>
    public required string Cid { get; init; }

    /// <summary>Whether it is there.</summary>
    public bool Available { get; init; }

    /// <summary>Who was asked: null for the node itself.</summary>
    public string? PeerId => Peer?.ToString();

    /// <summary>
    /// What was answered: Stored, Missing, Corrupt or Known of the node itself, which looks at the size of a block and does not read it; Have, DontHave or the id
    /// of the error of a peer, or NotAsked. Known and NotAsked are the answers where the block follows from the CID, so that it is available to everyone.
    /// </summary>
    public required string Answer { get; init; }

    /// <summary>The size in bytes, when the node has it.</summary>
    public long? Size { get; init; }

    /// <summary>The node that asked.</summary>
    public required string Node { get; init; }

    /// <summary>Who was asked, as the engine knows it.</summary>
    internal PeerId? Peer { get; init; }
}
