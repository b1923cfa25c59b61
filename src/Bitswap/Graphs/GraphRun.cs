using System.Collections.Concurrent;
using Bitswap.Pipeline;

namespace Bitswap.Graphs;

/// <summary>Runs one long call beside the pipeline thread, which meanwhile shows how far it is.</summary>
internal static class GraphRun
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for a call that counts the blocks it is done with, from any thread.</summary>
    public static T Run<T>(IPipelineSink sink, string activity, Func<Action<long>, Task<T>> call)
    {
        using ProgressMeter meter = new(sink, activity, TimeProvider.System);
        ConcurrentQueue<long> done = [];
        Task<T> task = call(done.Enqueue);
        while (!PipelineThread.Wait(task, _pace))
        {
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
