namespace Bitswap.Pipeline;

/// <summary>
/// The one place that waits for a task. A cmdlet runs on its runspace's own pipeline thread, which has no other work than to wait, and
/// <see cref="IDisposable.Dispose"/> has no other way; pool threads never come here. While it waits it writes what the cmdlet's <see cref="LogRelay"/> hears.
/// </summary>
internal static class PipelineThread
{
    /// <summary>How long work that was told to stop is waited for. It has ended by then, unless a call into a user's block store does not return.</summary>
    public static readonly TimeSpan StopTime = TimeSpan.FromMilliseconds(100);

    [ThreadStatic]
    private static LogRelay? _relay;

    /// <summary>Says whose relay writes on this thread until the scope ends. Null while others run on it: a cmdlet may write in its own methods alone.</summary>
    public static RelayScope Relaying(LogRelay? relay)
    {
        RelayScope scope = new(_relay);
        _relay = relay;
        return scope;
    }

    /// <summary>Waits for a task and hands on its result or its exception.</summary>
    public static T Wait<T>(ValueTask<T> task)
    {
        if (task.IsCompleted)
        {
            return task.GetAwaiter().GetResult();
        }

        Task<T> waited = task.AsTask();
        _relay?.WriteUntil(waited);
        return waited.GetAwaiter().GetResult();
    }

    /// <summary>Waits for a task and hands on its exception.</summary>
    public static void Wait(Task task)
    {
        _relay?.WriteUntil(task);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for a task and does something else from time to time meanwhile. Takes no timer, so it may be called often.</summary>
    public static T Wait<T>(ValueTask<T> task, TimeSpan pace, Action idle)
    {
        if (task.IsCompleted)
        {
            return task.GetAwaiter().GetResult();
        }

        Task<T> waited = task.AsTask();

        // says when it is over, and leaves its exception to the caller that takes the result
        while (_relay is { } relay ? !relay.WriteUntil(waited, pace) : Task.WaitAny([waited], pace) < 0)
        {
            idle();
        }

        return waited.GetAwaiter().GetResult();
    }

    /// <summary>Waits for a task, but not for ever; false when it is not done by then.</summary>
    /// <param name="task">The task.</param>
    /// <param name="atMost">The longest wait.</param>
    /// <param name="stop">Ends the wait, too.</param>
    public static bool Wait(Task task, TimeSpan atMost, CancellationToken stop = default)
    {
        _relay?.Drain();

        // handles, not a timer's task: they wake this thread also when calls into slow stores hold every thread of the pool
        WaitHandle done = ((IAsyncResult)task).AsyncWaitHandle;
        _ = stop.CanBeCanceled ? WaitHandle.WaitAny([done, stop.WaitHandle], atMost) : WaitHandle.WaitAny([done], atMost);
        return task.IsCompleted;
    }

    /// <summary>Returns items one by one as they come, and waits for each; a reader that ends early ends their source too.</summary>
    public static IEnumerable<T> Each<T>(IAsyncEnumerable<T> items, CancellationToken stop) => Each(items, ProgressMeter.Glance, static () => { }, stop);

    /// <summary>Returns items one by one as they come, and does something else from time to time while it waits for one.</summary>
    public static IEnumerable<T> Each<T>(IAsyncEnumerable<T> items, TimeSpan pace, Action idle, CancellationToken stop)
    {
        IAsyncEnumerator<T> each = items.GetAsyncEnumerator(stop);
        try
        {
            while (Wait(each.MoveNextAsync(), pace, idle))
            {
                yield return each.Current;
            }
        }
        finally
        {
            Dispose(each);
        }
    }

    /// <summary>Disposes and waits until that is done.</summary>
    public static void Dispose(IAsyncDisposable held) => Wait(held.DisposeAsync().AsTask());

    /// <summary>Gives the thread back to who had it before.</summary>
    internal readonly ref struct RelayScope(LogRelay? before)
    {
        /// <summary>Ends the scope.</summary>
        public void Dispose() => _relay = before;
    }
}
