namespace Bitswap.Dag.Abstractions;

/// <summary>Takes blocks. It may be called from several tasks at once.</summary>
/// <param name="cid">The block's CID, of which the hash has been computed from the data.</param>
/// <param name="data">The block. The memory is the caller's again when the returned task completes.</param>
/// <param name="cancellationToken">Ends the wait.</param>
public delegate ValueTask BlockWriter(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
