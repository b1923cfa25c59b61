using Bitswap.Node.Core;

namespace Bitswap;

/// <summary>
/// Where blocks are kept, keyed by the multihash of their CID: CIDv0 and CIDv1 of one hash name one block. Every member may be called from
/// any thread at any time, and does its input and output off the caller's thread. Errors are <see cref="BitswapException"/>.
/// </summary>
public interface IBlockstore : IAsyncDisposable
{
    /// <summary>
    /// Gets whether the memory given to <see cref="PutAsync"/> is still looked at once its task has ended, as a store in memory does. True unless a store says
    /// otherwise; one that does not keep it lets the node use it again for the next block.
    /// </summary>
    bool KeepsData => true;

    /// <summary>Returns the data of a block, or null when it is missing. What comes back hashes to <paramref name="cid"/>.</summary>
    /// <exception cref="BitswapException">StoreCorrupt: what is stored does not hash to the CID. StoreFailed: it cannot be
    /// read.</exception>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken);

    /// <summary>Returns the size of a block's data in bytes, or null when it is missing. The data is not checked.</summary>
    /// <exception cref="BitswapException">StoreFailed.</exception>
    ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken);

    /// <summary>
    /// Keeps a block. The caller has checked that <paramref name="data"/> hashes to <paramref name="cid"/> and does not change it from now
    /// on, or where <see cref="KeepsData"/> is false, until the task ends. A block that is there already is left as it is, a corrupt one is replaced. When it returns, the block can be read.
    /// </summary>
    /// <exception cref="BitswapException">StoreFailed, StoreFull, or BlockTooLarge: the store did not take it.</exception>
    ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Removes a block, sound or not; false when there was none.</summary>
    /// <exception cref="BitswapException">StoreFailed.</exception>
    ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken);

    /// <summary>Lists the stored blocks as they are found, in no order. A block that comes or goes while they are listed may or may not be among them.</summary>
    /// <exception cref="BitswapException">StoreFailed.</exception>
    IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken);

    /// <summary>Lists the blocks whose hash begins in a certain way, as <see cref="ListAsync(CancellationToken)"/>; a store that finds them at less cost than all has its own.</summary>
    internal IAsyncEnumerable<StoredBlock> ListAsync(HashPrefix start, CancellationToken cancellationToken) =>
        ListAsync(cancellationToken).Where(block => start.Matches(block.Cid.Hash));
}

/// <summary>A block that a store says it holds. Its data was not read, so not checked.</summary>
/// <param name="Cid">CIDv1 raw over the multihash: stores are keyed by multihash and do not know the codec.</param>
/// <param name="Size">Bytes of the data.</param>
public readonly record struct StoredBlock(Cid Cid, long Size);
