namespace Bitswap.Node.Blockstores;

/// <summary>
/// Runs blocking work of a store on pool threads, a bounded number of pieces at once; more wait their turn without a thread.
/// </summary>
internal sealed class BoundedPool : IAsyncDisposable
{
    private readonly SemaphoreSlim _places;
    private readonly int _size;
    private readonly Lock _closing = new();
    private Task? _drained;
    private volatile bool _closed;

    public BoundedPool(int size)
    {
        _size = size;
        _places = new SemaphoreSlim(size, size);
    }

    /// <summary>Runs a piece of work. A cancellation is seen until the work begins, never in its midst.</summary>
    public async ValueTask<TResult> RunAsync<TState, TResult>(Func<TState, TResult> work, TState state, CancellationToken cancellationToken)
    {
        CheckOpen();
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            CheckOpen();
            return await Task.Run(() => work(state), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Lets no more work begin and waits for what has begun.</summary>
    public ValueTask DisposeAsync()
    {
        _closed = true;
        lock (_closing)
        {
            // Once only: two who drained at once would each hold places that the other waits for.
            return new ValueTask(_drained ??= DrainAsync());
        }
    }

    private async Task DrainAsync()
    {
        for (int i = 0; i < _size; i++)
        {
            await _places.WaitAsync().ConfigureAwait(false);
        }

        // Those who still wait come through, see that it is closed, and say so.
        _places.Release(_size);
    }

    private void CheckOpen()
    {
        if (_closed)
        {
            throw StoreErrors.Closed();
        }
    }
}
