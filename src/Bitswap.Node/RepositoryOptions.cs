using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Blockstores;

namespace Bitswap.Node;

/// <summary>How a <see cref="Repository"/> is opened.</summary>
public sealed record RepositoryOptions
{
    /// <summary>
    /// The identity it must have: a new repository gets it, another one must hold it. Null: its own, made when it has none.
    /// </summary>
    public PrivateKey? Identity { get; init; }

    /// <summary>How its block store works.</summary>
    public FlatFileOptions Blocks { get; init; } = new();
}
