using System.Runtime.CompilerServices;

namespace Bitswap.Hostile;

/// <summary>Has nothing and keeps nothing: what is fetched again comes over the line again.</summary>
internal class NoBlockstore : IBlockstore
{
    public virtual bool KeepsData => false;

    public virtual ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken) => default;

    public virtual ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken) => default;

    public ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => default;

    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken) => default;

    public async IAsyncEnumerable<StoredBlock> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        yield break;
    }

    public ValueTask DisposeAsync() => default;
}
