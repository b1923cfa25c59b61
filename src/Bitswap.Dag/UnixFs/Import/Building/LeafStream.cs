namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Represents the leaves of one file in their order, several worked on ahead.</summary>
internal abstract class LeafStream : IAsyncDisposable
{
    private readonly Queue<Task<DagEntry>> _ahead = new();
    private readonly CancellationTokenSource _stop;
    private readonly int _limit;
    private bool _ended;

    private protected LeafStream(int limit, CancellationToken cancellationToken)
    {
        _limit = limit;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    private protected CancellationToken StopToken => _stop.Token;

    public async ValueTask<bool> HasNextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (!_ended && _ahead.Count < _limit)
        {
            if (await StartNextAsync().ConfigureAwait(false) is { } leaf)
            {
                _ahead.Enqueue(leaf);
            }
            else
            {
                _ended = true;
            }
        }

        return _ahead.Count > 0;
    }

    public Task<DagEntry> TakeAsync() => _ahead.Dequeue();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (Task<DagEntry> leaf in _ahead)
        {
            // Left over only where the file failed, and that failure is on its way.
            await ((Task)leaf).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts work on the next leaf; null when there is none.</summary>
    private protected abstract ValueTask<Task<DagEntry>?> StartNextAsync();
}
