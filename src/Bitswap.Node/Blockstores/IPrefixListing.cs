namespace Bitswap.Node.Blockstores;

/// <summary>A store that lists the blocks whose hash begins in a certain way at less cost than all.</summary>
internal interface IPrefixListing
{
    /// <summary>As <see cref="IBlockstore.ListAsync"/>, of those blocks alone.</summary>
    IAsyncEnumerable<StoredBlock> ListAsync(HashPrefix start, CancellationToken cancellationToken);
}
