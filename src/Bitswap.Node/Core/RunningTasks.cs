using System.Collections.Concurrent;

namespace Bitswap.Node.Core;

/// <summary>Keeps the tasks that run in the background, so that a stop can wait for them and none outlives the node.</summary>
internal sealed class RunningTasks
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    /// <summary>Gets the tasks running now.</summary>
    public int Count => _running.Count;

    /// <summary>Keeps a task until it ends.</summary>
    public void Track(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return;
        }

        _running.TryAdd(task, 0);
        _ = task.ContinueWith(
            static (ended, running) => ((ConcurrentDictionary<Task, byte>)running!).TryRemove(ended, out _),
            _running,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Ends when every tracked task has, however it ended.</summary>
    public async Task WhenAllAsync()
    {
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
