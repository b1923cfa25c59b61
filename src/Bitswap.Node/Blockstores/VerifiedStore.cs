using Bitswap.Multiformats;

namespace Bitswap.Node.Blockstores;

/// <summary>
/// Reads a store for a node, with the blocks that follow from their CIDs and need not be stored. It remembers which blocks were found corrupt: a caller that asks
/// for their size is told that they are missing, until they are put again or removed. Thread-safe.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="capacity">How many corrupt blocks are remembered. Of more, those found first are forgotten, and offered until they are read again.</param>
/// <param name="found">Told of each that is found and was not remembered, with what is wrong with it.</param>
internal sealed class VerifiedStore(IBlockstore store, int capacity, Action<Cid, string> found)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Multihash, LinkedListNode<Multihash>> _corrupt = [];
    private readonly LinkedList<Multihash> _oldestFirst = new();
    private volatile bool _isAnyCorrupt;
    private long _totalFound;

    /// <summary>Gets what is told of each block that is read; null for nothing.</summary>
    public Action<Cid>? Used { get; init; }

    /// <summary>Gets how many were found, those included that have been put again since.</summary>
    public long TotalFound => Interlocked.Read(ref _totalFound);

    /// <summary>Reads a block; null when it is missing.</summary>
    /// <exception cref="BitswapException"><c>StoreCorrupt</c>, and the other errors of the store.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        if (KnownBlock.TryGet(cid.Hash, out ReadOnlyMemory<byte> known))
        {
            return known;
        }

        bool isNew = false;
        while (true)
        {
            try
            {
                ReadOnlyMemory<byte>? data = await store.GetAsync(cid, cancellationToken).ConfigureAwait(false);
                Forget(cid);
                if (data is not null)
                {
                    Used?.Invoke(cid);
                }

                return data;
            }
            catch (BitswapException error) when (error.ErrorId == NodeErrorIds.StoreCorrupt)
            {
                if (!isNew && Remember(cid))
                {
                    // It may have been put again while it was read, so it is read once more before it is told.
                    isNew = true;
                    continue;
                }

                if (isNew)
                {
                    Interlocked.Increment(ref _totalFound);
                    found(cid, error.Message);
                }

                throw;
            }
        }
    }

    /// <summary>Returns the size of a block; null when it is missing or known to be corrupt. It is read only where it is empty and should not be.</summary>
    /// <exception cref="BitswapException">The errors of the store.</exception>
    public ValueTask<long?> SizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        if (KnownBlock.TryGet(cid.Hash, out ReadOnlyMemory<byte> known))
        {
            return new(known.Length);
        }

        if (IsCorrupt(cid))
        {
            return default;
        }

        ValueTask<long?> asked = store.GetSizeAsync(cid, cancellationToken);
        if (!asked.IsCompletedSuccessfully)
        {
            return CheckAsync(cid, asked, cancellationToken);
        }

        long? size = asked.Result;
        return IsTorn(cid, size) ? CheckAsync(cid, new(size), cancellationToken) : new(size);
    }

    /// <summary>Returns whether a block is known to be corrupt.</summary>
    public bool IsCorrupt(Cid cid)
    {
        if (!_isAnyCorrupt)
        {
            return false;
        }

        lock (_lock)
        {
            return _corrupt.ContainsKey(cid.Hash);
        }
    }

    /// <summary>Forgets that a block was corrupt: it was put again or removed.</summary>
    public void Forget(Cid cid)
    {
        if (!_isAnyCorrupt)
        {
            return;
        }

        lock (_lock)
        {
            if (_corrupt.Remove(cid.Hash, out LinkedListNode<Multihash>? place))
            {
                _oldestFirst.Remove(place);
                _isAnyCorrupt = _corrupt.Count > 0;
            }
        }
    }

    private static bool IsTorn(Cid cid, long? size) => size == 0 && !cid.Hash.Matches([]);

    private async ValueTask<long?> CheckAsync(Cid cid, ValueTask<long?> asked, CancellationToken cancellationToken)
    {
        long? size = await asked.ConfigureAwait(false);
        if (!IsTorn(cid, size))
        {
            return size;
        }

        try
        {
            return (await GetAsync(cid, cancellationToken).ConfigureAwait(false))?.Length;
        }
        catch (BitswapException error) when (error.ErrorId == NodeErrorIds.StoreCorrupt)
        {
            return null;
        }
    }

    private bool Remember(Cid cid)
    {
        lock (_lock)
        {
            if (_corrupt.ContainsKey(cid.Hash))
            {
                return false;
            }

            if (_corrupt.Count == capacity)
            {
                _corrupt.Remove(_oldestFirst.First!.Value);
                _oldestFirst.RemoveFirst();
            }

            _corrupt.Add(cid.Hash, _oldestFirst.AddLast(cid.Hash));
            _isAnyCorrupt = true;
            return true;
        }
    }
}
