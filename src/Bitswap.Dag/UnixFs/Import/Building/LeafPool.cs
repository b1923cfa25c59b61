using System.Collections.Concurrent;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>The places for leaves that are read, hashed and written at one time, each with a buffer: what bounds the memory of an import.</summary>
internal sealed class LeafPool : IDisposable
{
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentStack<byte[]> _free = new();
    private readonly int _size;

    public LeafPool(int places, int size)
    {
        Places = places;
        _places = new SemaphoreSlim(places, places);
        _size = size;
    }

    public int Places { get; }

    public async ValueTask<byte[]> RentAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _free.TryPop(out byte[]? buffer) ? buffer : GC.AllocateUninitializedArray<byte>(_size);
    }

    public void Return(byte[] buffer)
    {
        _free.Push(buffer);
        _places.Release();
    }

    public void Dispose() => _places.Dispose();
}
