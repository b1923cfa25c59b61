using System.Runtime.CompilerServices;

namespace Bitswap.Node.Tests.Support;

/// <summary>A store whose every call throws what no store should.</summary>
internal sealed class FailingBlockstore : IBlockstore
{
    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(Cid cid, CancellationToken cancellationToken) => throw new InvalidOperationException("read");

    public ValueTask<long?> GetSizeAsync(Cid cid, CancellationToken cancellationToken) => throw new InvalidOperationException("size");

    public ValueTask PutAsync(Cid cid, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => throw new InvalidOperationException("write");

    public ValueTask<bool> RemoveAsync(Cid cid, CancellationToken cancellationToken) => throw new InvalidOperationException("remove");

    public async IAsyncEnumerable<StoredBlock> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.FromException(new InvalidOperationException("list"));
        yield break;
    }

    public ValueTask DisposeAsync() => default;
}
