using System.Runtime.CompilerServices;

namespace Bitswap.Peer;

/// <summary>Keeps nothing, so that a getter's memory does not grow with what it gets. Every block has been verified on its way here.</summary>
internal sealed class DiscardingBlockstore : IBlockstore
{
    public bool KeepsData => false;

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken) => default;

    public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken) => default;

    public ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => default;

    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken) => default;

    public async IAsyncEnumerable<StoredBlock> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask;
        yield break;
    }

    public ValueTask DisposeAsync() => default;
}
