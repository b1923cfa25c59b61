using System.Collections.Concurrent;
using Bitswap.Pipeline;

namespace Bitswap.Graphs;

/// <summary>Runs one long call beside the pipeline thread, which shows how far it is.</summary>
internal static class GraphRun
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Waits for a call that counts the blocks it is done with, from any thread. Once it is stopped, one that does not heed that, as a call into a
    /// user's block store cannot, is let go after 100 ms: it ends by itself, and how it ends is not told.
    /// </summary>
    public static T Run<T>(IPipelineSink sink, string activity, Func<Action<long>, Task<T>> call, CancellationToken stop)
    {
        using ProgressMeter meter = new(sink, activity, TimeProvider.System);
        ConcurrentQueue<long> done = [];
        Task<T> task = call(done.Enqueue);
        while (!PipelineThread.Wait(task, _pace, stop))
        {
            if (stop.IsCancellationRequested && !PipelineThread.Wait(task, _patience, CancellationToken.None))
            {
                stop.ThrowIfCancellationRequested();
            }

            Count(meter, done);
        }

        return task.GetAwaiter().GetResult();
    }

    private static void Count(ProgressMeter meter, ConcurrentQueue<long> done)
    {
        while (done.TryDequeue(out long bytes))
        {
            meter.Add(bytes);
        }
    }
}
