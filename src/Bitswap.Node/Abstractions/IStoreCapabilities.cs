namespace Bitswap.Node.Abstractions;

/// <summary>A store in memory: it answers at once, and lets go of blocks that were fetched and are not pinned when it is full.</summary>
internal interface IEvictingBlockstore
{
    /// <summary>As <see cref="IBlockstore.PutAsync"/>: the block stays until it is removed.</summary>
    /// <exception cref="BitswapException">StoreFull.</exception>
    void Put(Cid cid, ReadOnlyMemory<byte> data);

    /// <summary>Takes a block that was fetched, as long as there is room for it; one that is there stays as it is. It may be let go from now on.</summary>
    void PutFetched(Cid cid, ReadOnlyMemory<byte> data);

    /// <summary>Notes that a block that was fetched was written to a file: it is let go before others. One that was put or pinned stays.</summary>
    void Pass(Cid cid);

    /// <summary>Keeps a block from being let go while it is pinned; false when it is not there.</summary>
    bool TryPin(Cid cid);

    /// <summary>Takes a block that is pinned.</summary>
    /// <exception cref="BitswapException">StoreFull.</exception>
    void PutPinned(Cid cid, ReadOnlyMemory<byte> data);

    /// <summary>Lets go of what is pinned no longer, and was fetched.</summary>
    void KeepPinned(IReadOnlySet<Multihash> pinned);
}

/// <summary>A store that takes many blocks at a fraction of what they cost one by one.</summary>
internal interface IBatchingBlockstore
{
    /// <summary>Begins to store many blocks.</summary>
    /// <param name="stored">Told of each group of blocks once they can be read.</param>
    IBlockBatch BeginBatch(Func<IReadOnlyList<(Cid Cid, int Size)>, CancellationToken, ValueTask> stored);
}

/// <summary>Many blocks on their way into a store.</summary>
internal interface IBlockBatch : IAsyncDisposable
{
    /// <summary>Takes a block. The data is the caller's again when the task completes.</summary>
    ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Stores all that was taken. When it returns, every block can be read.</summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}

/// <summary>A store that may belong to another program.</summary>
internal interface IOwnedBlockstore
{
    /// <summary>Gets where it is.</summary>
    string Path { get; }

    /// <summary>Gets whose the store is, null for one of this module. Looked up each time, for another program may have begun to use it.</summary>
    string? Owner { get; }
}
