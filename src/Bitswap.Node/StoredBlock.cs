namespace Bitswap;

/// <summary>A block that a store says it holds. Its data was not read, so not checked.</summary>
/// <param name="Cid">CIDv1 raw over the multihash: stores are keyed by multihash and do not know the codec.</param>
/// <param name="Size">Bytes of the data.</param>
public readonly record struct StoredBlock(Cid Cid, long Size);
