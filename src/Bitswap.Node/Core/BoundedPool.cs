namespace Bitswap.Node.Core;

/// <summary>
/// Runs blocking work of a store, a bounded number of pieces at once; more wait their turn without a thread.
/// </summary>
internal sealed class BoundedPool : IAsyncDisposable
{
    private readonly SemaphoreSlim _places;
    private readonly int _size;
    private readonly Func<Exception> _closedError;
    private readonly TaskCreationOptions _threads;
    private readonly Lock _closing = new();
    private Task? _drained;
    private volatile bool _closed;

    /// <summary>Makes a pool.</summary>
    /// <param name="size">How many pieces run at once.</param>
    /// <param name="closedError">Makes the error of work that comes when the pool is closed.</param>
    /// <param name="ownThreads">Whether each piece has a thread of its own, for work that does nothing but wait: the runtime has no more pool threads at
    /// first than cores, and while all of them wait nothing is hashed.</param>
    public BoundedPool(int size, Func<Exception> closedError, bool ownThreads = false)
    {
        _closedError = closedError;
        _size = size;
        _threads = TaskCreationOptions.DenyChildAttach | (ownThreads ? TaskCreationOptions.LongRunning : TaskCreationOptions.None);
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
            return await Task.Factory.StartNew(() => work(state), cancellationToken, _threads, TaskScheduler.Default).ConfigureAwait(false);
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
            throw _closedError();
        }
    }
}
