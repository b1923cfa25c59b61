namespace Bitswap.Node.Files;

/// <summary>While it is open, no block that is put into the store is collected as unneeded: for work that pins its root only when it is done.</summary>
public sealed class BlockHold : IDisposable
{
    private StoreGuard? _guard;

    internal BlockHold(StoreGuard guard) => _guard = guard;

    /// <summary>Lets go. What was put meanwhile may be collected from now on, unless it is pinned or another hold is open.</summary>
    public void Dispose() => Interlocked.Exchange(ref _guard, null)?.Release();
}
