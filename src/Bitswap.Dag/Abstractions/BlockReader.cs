namespace Bitswap.Dag.Abstractions;

/// <summary>
/// Gives blocks: from a local store, or by fetching them. It throws when it has none; what it gives is verified against the CID and stays
/// unchanged. It may be called from several tasks at once.
/// </summary>
/// <param name="cid">Which block.</param>
/// <param name="cancellationToken">Ends the wait.</param>
public delegate ValueTask<ReadOnlyMemory<byte>> BlockReader(Cid cid, CancellationToken cancellationToken);
