namespace Bitswap.Dag.Walk;

/// <summary>Says the size of a block that has no links, without reading it.</summary>
/// <param name="cid">The block.</param>
/// <param name="claimed">The size that the block above gives it; null where there is none above, or it says nothing. What is stored in another size is torn, or the claim is wrong.</param>
/// <param name="cancellationToken">Ends the wait.</param>
/// <returns>The size; null to have the block read, which then says whether it is there and whole.</returns>
public delegate ValueTask<long?> LeafSizer(Cid cid, long? claimed, CancellationToken cancellationToken);
