using Bitswap.Libp2p.Abstractions;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Holds every task that is not awaited directly, so that an exception is logged, and stopping can wait for all of them.
/// </summary>
internal sealed class BackgroundTasks
{
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private int _running;
    private TaskCompletionSource? _drained;

    public BackgroundTasks(ILogger logger) => _logger = logger;

    /// <summary>Gets the tasks that have not ended.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>Starts <paramref name="work"/> on the pool. Cancellation is its ordinary end; any other exception is logged.</summary>
    public void Run(string what, Func<Task> work)
    {
        lock (_gate)
        {
            _running++;
        }
        // the task cannot fault: ObserveAsync ends every path
        _ = Task.Run(() => ObserveAsync(what, work));
    }

    /// <summary>Completes once no task runs.</summary>
    public Task WhenDrainedAsync()
    {
        lock (_gate)
        {
            if (_running == 0)
            {
                return Task.CompletedTask;
            }
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    private async Task ObserveAsync(string what, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception error)
        {
            Log.TaskFailed(_logger, what, error);
        }
        finally
        {
            lock (_gate)
            {
                if (--_running == 0)
                {
                    _drained?.SetResult();
                    _drained = null;
                }
            }
        }
    }
}
