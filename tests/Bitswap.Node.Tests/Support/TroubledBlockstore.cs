using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Tests.Support;

/// <summary>A store in memory with which some blocks have trouble: their call fails, is denied, or never ends, whatever its token says.</summary>
internal sealed class TroubledBlockstore(Cid fails, Cid denied, Cid hangs) : IBlockstore
{
    private readonly MemoryBlockstore _inner = new();

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken)
    {
        await TroubleAsync(cid);
        return await _inner.GetAsync(cid, cancellationToken);
    }

    public async ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken)
    {
        await TroubleAsync(cid);
        return await _inner.GetSizeAsync(cid, cancellationToken);
    }

    public async ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await TroubleAsync(cid);
        await _inner.PutAsync(cid, data, cancellationToken);
    }

    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken) => _inner.RemoveAsync(cid, cancellationToken);

    public IAsyncEnumerable<StoredBlock> ListAsync(CancellationToken cancellationToken) => _inner.ListAsync(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private Task TroubleAsync(Cid cid) =>
        cid.Equals(fails) ? throw new IOException("The disk broke.")
        : cid.Equals(denied) ? throw new UnauthorizedAccessException("The folder is not yours.")
        : cid.Equals(hangs) ? new TaskCompletionSource().Task
        : Task.CompletedTask;
}
