
namespace Bitswap.Node;

/// <summary>How a block is wanted.</summary>
public sealed record WantOptions
{
    /// <summary>Higher is served first. The protocol's default is 1.</summary>
    public int Priority { get; init; } = 1;

    /// <summary>Whether the block itself is wanted, or only whether a peer has it.</summary>
    public WantType Type { get; init; } = WantType.Block;

    /// <summary>The session it belongs to, of <see cref="NodeHost.NewSession"/>; 0 for none.</summary>
    public long Session { get; init; }

    /// <summary>Asks these peers alone and tells nobody else of the CID; null asks whoever may have it.</summary>
    public IReadOnlyList<PeerId>? OnlyPeers { get; init; }

    /// <summary>When to give up; null waits for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Whether the block only has to get into the store: <see cref="NodeWant.Completion"/> then gives its CID without its data, so that wants
    /// that are kept hold no blocks in memory.
    /// </summary>
    public bool StoreOnly { get; init; }

    /// <summary>
    /// Whether the caller writes the block where it belongs, such as into a file, so that a store in memory need not go on holding it: it is let go before others
    /// that were fetched.
    /// </summary>
    public bool Passing { get; init; }

    /// <summary>Whether the want ends as soon as every known source has said that it does not have the block.</summary>
    public bool FailFast { get; init; }

    /// <summary>
    /// Gives the blocks above the wanted one in its graph, the nearest first; null where none is known. When the block's providers are searched for, theirs
    /// are, too. Called on the node's loop: it must return at once.
    /// </summary>
    internal Func<Cid, IReadOnlyList<Cid>>? AncestorsOf { get; init; }

    /// <summary>Whether the node's own store counts for nothing, so that peers are asked for what it holds, too.</summary>
    public bool SkipStore { get; init; }
}
