namespace Bitswap.Node.Content;

/// <summary>
/// Many blocks, whose hashes have been computed of their data, on their way into a node's store: none is hashed again. The engine is told of
/// them once they can be read.
/// </summary>
internal sealed class BlockBatch : IAsyncDisposable
{
    /// <summary>How many blocks the engine is told of at once, unless the store has batches of its own.</summary>
    private const int Announced = 256;

    private readonly IBlockstore _store;
    private readonly Func<Cid, ValueTask> _beforePut;
    private readonly Func<IReadOnlyList<(Cid Cid, int Size)>, CancellationToken, ValueTask> _announce;
    private readonly IBlockBatch? _batch;
    private readonly Lock _lock = new();
    private List<(Cid Cid, int Size)> _added = [];

    /// <summary>Begins a batch.</summary>
    /// <param name="store">Where the blocks go.</param>
    /// <param name="beforePut">Awaited before a block is looked for in the store and put there.</param>
    /// <param name="announce">Told of blocks that can be read.</param>
    public BlockBatch(
        IBlockstore store, Func<Cid, ValueTask> beforePut, Func<IReadOnlyList<(Cid Cid, int Size)>, CancellationToken, ValueTask> announce)
    {
        _store = store;
        _beforePut = beforePut;
        _announce = announce;
        _batch = (store as IBatchingBlockstore)?.BeginBatch(announce);
    }

    /// <summary>Takes a block. The data is the caller's again when the task completes.</summary>
    public async ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _beforePut(cid).ConfigureAwait(false);
        if (_batch is not null)
        {
            await _batch.PutAsync(cid, data, cancellationToken).ConfigureAwait(false);
            return;
        }

        // The store may keep what it is given.
        await _store.PutAsync(cid, data.ToArray(), cancellationToken).ConfigureAwait(false);
        if (Add(cid, data.Length) is { } ready)
        {
            await _announce(ready, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stores all that was taken. When it returns, every block can be read, and the engine knows.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_batch is not null)
        {
            await _batch.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        List<(Cid Cid, int Size)> rest;
        lock (_lock)
        {
            (rest, _added) = (_added, []);
        }

        await _announce(rest, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _batch?.DisposeAsync() ?? ValueTask.CompletedTask;

    private List<(Cid Cid, int Size)>? Add(Cid cid, int size)
    {
        lock (_lock)
        {
            _added.Add((cid, size));
            if (_added.Count < Announced)
            {
                return null;
            }

            List<(Cid Cid, int Size)> ready = _added;
            _added = [];
            return ready;
        }
    }
}
