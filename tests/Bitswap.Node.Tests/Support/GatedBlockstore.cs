using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Tests.Support;

/// <summary>A store in memory that lets through as many reads and writes as it is told, and holds the others until it is told of more.</summary>
internal sealed class GatedBlockstore(int reads = GatedBlockstore.Any, int writes = GatedBlockstore.Any) : IBlockstore
{
    /// <summary>As good as all.</summary>
    public const int Any = int.MaxValue / 2;

    private readonly MemoryBlockstore _inner = new();
    private readonly SemaphoreSlim _reads = new(reads);
    private readonly SemaphoreSlim _writes = new(writes);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;

    /// <summary>Ends when something has to wait for the first time.</summary>
    public Task Reached => _reached.Task;

    /// <summary>How many had to wait so far.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>Lets so many more reads through.</summary>
    public void AdmitReads(int count = Any) => _reads.Release(count);

    /// <summary>Lets so many more writes through.</summary>
    public void AdmitWrites(int count = Any) => _writes.Release(count);

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        await PassAsync(_reads, cancellationToken);
        return await _inner.GetAsync(cid, cancellationToken);
    }

    public async ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await PassAsync(_writes, cancellationToken);
        await _inner.PutAsync(cid, data, cancellationToken);
    }

    public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken) => _inner.GetSizeAsync(cid, cancellationToken);

    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken) => _inner.RemoveAsync(cid, cancellationToken);

    public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken) => _inner.ListAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        _reads.Dispose();
        _writes.Dispose();
    }

    private async ValueTask PassAsync(SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        if (gate.Wait(0, CancellationToken.None))
        {
            return;
        }

        Interlocked.Increment(ref _held);
        _reached.TrySetResult();
        await gate.WaitAsync(cancellationToken);
    }
}
