using System.Runtime.CompilerServices;
using Bitswap.Node.Core;

namespace Bitswap;

/// <summary>
/// A block store of your own. Derive a class and say in four plain members how blocks are kept; they are called on pool threads, several at
/// once, so they must be safe for that. What <see cref="GetBlock"/> gives is checked against the CID before anybody sees it.
/// </summary>
/// <remarks>
/// <para>Blocks are the same when their multihash is, so key what you keep by <c>$cid.Hash</c>, not by the CID: the same block may be asked
/// for as CIDv0 and CIDv1.</para>
/// <para>A PowerShell class needs the attribute <c>[NoRunspaceAffinity()]</c>: without it each call waits for the runspace that made the
/// object, which waits for the node. A node of the module refuses such a class.</para>
/// </remarks>
public abstract class Blockstore : IBlockstore
{
    /// <summary>Blocks looked at in one go by <see cref="ListAsync"/>.</summary>
    private const int ListBatch = 256;

    private const int DefaultParallelism = 8;
    private const int MaxParallelism = 256;

    private readonly BoundedPool _pool;
    private int _closed;

    /// <summary>Makes a store that is called up to 8 times at once.</summary>
    protected Blockstore()
        : this(DefaultParallelism)
    {
    }

    /// <summary>Makes a store.</summary>
    /// <param name="maxParallelism">How many calls may run at once, 1 to 256; 1 for a store that is not safe for several threads.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxParallelism"/> is out of range.</exception>
    protected Blockstore(int maxParallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxParallelism, MaxParallelism);
        _pool = new BoundedPool(maxParallelism, StoreErrors.Closed);
    }

    /// <summary>
    /// Gets or sets what is set up on a pool thread for the time of each call, or null for nothing. The module gives the thread a runspace here, without
    /// which no method of a PowerShell class can run.
    /// </summary>
    internal Func<IDisposable>? CallScope { get; set; }

    /// <summary>Returns the data of a block, or null when it is missing. The array must not change afterwards.</summary>
    public abstract byte[]? GetBlock(Cid cid);

    /// <summary>Keeps a block whose data was checked. A block that is there already may be left or replaced.</summary>
    public abstract void PutBlock(Cid cid, byte[] data);

    /// <summary>Removes a block; false when there was none.</summary>
    public abstract bool RemoveBlock(Cid cid);

    /// <summary>Returns the blocks there are. It is enumerated on pool threads, by one at a time.</summary>
    public abstract IEnumerable<Cid> ListBlocks();

    /// <summary>
    /// Returns the size of a block in bytes, or -1 when it is missing. Override it where that is known without reading the block.
    /// </summary>
    public virtual long GetBlockSize(Cid cid) => GetBlock(cid)?.Length ?? -1;

    /// <summary>Called once, after the last call of any other member, when the store is no longer used.</summary>
    public virtual void Close()
    {
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return RunAsync(nameof(GetBlock), cid, static (store, cid) => store.GetChecked(cid), cid, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return RunAsync(
            nameof(GetBlockSize),
            cid,
            static (store, cid) => store.GetBlockSize(cid) is >= 0 and long size ? size : default(long?),
            cid,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        await RunAsync(
            nameof(PutBlock), cid, static (store, block) => store.Put(block.Cid, block.Data), (Cid: cid, Data: data), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return RunAsync(nameof(RemoveBlock), cid, static (store, cid) => store.RemoveBlock(cid), cid, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken) => ListFromAsync(default, cancellationToken);

    IAsyncEnumerable<StoredBlock> IBlockstore.ListAsync(HashPrefix start, CancellationToken cancellationToken) => ListFromAsync(start, cancellationToken);

    private async IAsyncEnumerable<StoredBlock> ListFromAsync(HashPrefix start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IEnumerator<Cid> cids = await RunAsync(
            nameof(ListBlocks), null, static (store, _) => (store.ListBlocks() ?? []).GetEnumerator(), 0, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            bool more;
            do
            {
                (List<StoredBlock> batch, more) = await RunAsync(
                    nameof(ListBlocks), null, static (store, from) => store.Take(from.Cids, from.Start), (Cids: cids, Start: start), cancellationToken)
                    .ConfigureAwait(false);
                foreach (StoredBlock block in batch)
                {
                    yield return block;
                }
            }
            while (more);
        }
        finally
        {
            await RunLastAsync(nameof(ListBlocks), cids.Dispose).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for the calls under way, then calls <see cref="Close"/>, once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        await _pool.DisposeAsync().ConfigureAwait(false);
        await RunLastAsync(nameof(Close), Close).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Refuses a PowerShell class that cannot be called from other threads. Not in the constructor: PowerShell loses what a base constructor
    /// throws. Told by names: this assembly knows nothing of PowerShell, which compiles each class into an assembly of this name.
    /// </summary>
    /// <exception cref="BitswapException">InvalidStore.</exception>
    internal static void RefuseRunspaceAffinity(Type type)
    {
        if (type.Assembly.GetName().Name?.StartsWith("PowerShell Class Assembly", StringComparison.Ordinal) == true
            && !type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "NoRunspaceAffinityAttribute"))
        {
            throw new BitswapException(
                NodeErrorIds.InvalidStore,
                $"The class {type.Name} is bound to the runspace that defines it, so a node could not call it from its own threads.",
                $"Write [NoRunspaceAffinity()] before 'class {type.Name}'.",
                type);
        }
    }

    private ReadOnlyMemory<byte>? GetChecked(Cid cid)
    {
        byte[]? data = GetBlock(cid);
        if (data is null)
        {
            return null;
        }

        return cid.Hash.Matches(data)
            ? data
            : throw StoreErrors.Corrupt(cid, GetType().Name, $"gave {data.Length} bytes that do not hash to it");
    }

    private bool Put(Cid cid, ReadOnlyMemory<byte> data)
    {
        PutBlock(cid, data.ToArray());
        return true;
    }

    /// <summary>Returns those of the next blocks that are still there, and whether there may be more.</summary>
    private (List<StoredBlock> Batch, bool More) Take(IEnumerator<Cid> cids, HashPrefix start)
    {
        List<StoredBlock> batch = [];
        for (int looked = 0; looked < ListBatch; looked++)
        {
            if (!cids.MoveNext())
            {
                return (batch, false);
            }

            if (cids.Current is { } cid && start.Matches(cid.Hash) && GetBlockSize(cid) is >= 0 and long size)
            {
                batch.Add(new StoredBlock(Cid.CreateV1(Multiformats.Multicodec.Raw, cid.Hash), size));
            }
        }

        return (batch, true);
    }

    private async ValueTask<TResult> RunAsync<TState, TResult>(
        string member, Cid? cid, Func<Blockstore, TState, TResult> call, TState state, CancellationToken cancellationToken)
    {
        try
        {
            return await _pool.RunAsync(
                static arguments =>
                {
                    using IDisposable? scope = arguments.Store.CallScope?.Invoke();
                    return arguments.Call(arguments.Store, arguments.State);
                },
                (Store: this, Call: call, State: state),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not BitswapException
            && !(error is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw Failed(member, cid, error);
        }
    }

    /// <summary>Runs what must be done even when the store is closed.</summary>
    private async Task RunLastAsync(string member, Action call)
    {
        try
        {
            await Task.Run(() =>
            {
                using IDisposable? scope = CallScope?.Invoke();
                call();
            }).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not BitswapException)
        {
            throw Failed(member, null, error);
        }
    }

    private BitswapException Failed(string member, Cid? cid, Exception error) =>
        new(
            NodeErrorIds.StoreFailed,
            $"{GetType().Name}.{member} failed{(cid is null ? "" : $" for {cid}")}: {error.GetBaseException().Message}",
            "Look at the inner exception: it comes from the block store that the node was given.",
            cid,
            error);
}
