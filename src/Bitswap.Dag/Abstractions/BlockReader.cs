using Bitswap.Multiformats;

namespace Bitswap.Dag.Abstractions;

/// <summary>
/// Gives blocks: from a local store, or by fetching them. It throws when it has none; what it gives is verified against the CID and stays
/// unchanged. It may be called from several tasks at once.
/// </summary>
/// <param name="cid">Which block.</param>
/// <param name="cancellationToken">Ends the wait.</param>
public delegate ValueTask<ReadOnlyMemory<byte>> BlockReader(Cid cid, CancellationToken cancellationToken);

/// <summary>Takes blocks. It may be called from several tasks at once.</summary>
/// <param name="cid">The block's CID, of which the hash has been computed from the data.</param>
/// <param name="data">The block. The memory is the caller's again when the returned task completes.</param>
/// <param name="cancellationToken">Ends the wait.</param>
public delegate ValueTask BlockWriter(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

/// <summary>Gets blocks as every reader of graphs does: what follows from the CID alone is not asked for.</summary>
internal static class BlockReading
{
    /// <summary>Gets a block: one that follows from its CID at once, every other from the reader.</summary>
    /// <exception cref="DagException"><c>InvalidMultihash</c>: no block may have the CID, so it is not asked for.</exception>
    public static ValueTask<ReadOnlyMemory<byte>> GetAsync(this BlockReader reader, Cid cid, CancellationToken cancellationToken) =>
        KnownBlock.TryGet(cid.Hash, out ReadOnlyMemory<byte> known) ? new(known)
        : BlockRule.Check(cid) is { } refusal ? throw refusal.ToException(cid)
        : reader(cid, cancellationToken);

    /// <summary>Returns the error of something that may not be a block.</summary>
    public static DagException ToException(this BlockRefusal refusal, Cid cid) => new(refusal.ErrorId, refusal.Message) { Cid = cid };
}
