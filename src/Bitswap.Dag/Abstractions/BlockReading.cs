using Bitswap.Multiformats;

namespace Bitswap.Dag.Abstractions;

/// <summary>What every reader of graphs does before it asks for a block.</summary>
internal static class BlockReading
{
    /// <summary>Gets a block: one that follows from its CID at once, every other from the reader.</summary>
    /// <exception cref="DagException"><c>InvalidMultihash</c>: no block may have the CID, so nobody is asked for it.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> GetAsync(this BlockReader reader, Cid cid, CancellationToken cancellationToken) =>
        KnownBlock.TryGet(cid.Hash, out ReadOnlyMemory<byte> known) ? new(known)
        : BlockRule.Check(cid) is { } refusal ? throw refusal.ToException(cid)
        : reader(cid, cancellationToken);

    /// <summary>The error of something that may not be a block.</summary>
    public static DagException ToException(this BlockRefusal refusal, Cid cid) => new(refusal.ErrorId, refusal.Message) { Cid = cid };
}
