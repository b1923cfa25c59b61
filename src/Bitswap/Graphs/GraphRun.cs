using Bitswap.Pipeline;

namespace Bitswap.Graphs;

/// <summary>Runs one long call beside the pipeline thread, which shows how far it is.</summary>
internal static class GraphRun
{
    /// <summary>Waits for a call that counts the blocks it is done with, from any thread; one that is stopped and does not end is let go.</summary>
    public static T Run<T>(IPipelineSink sink, string activity, Func<Action<long>, Task<T>> call, CancellationToken stop, Func<string?>? waitsFor = null)
    {
        using ProgressMeter meter = new(sink, activity, TimeProvider.System) { WaitsFor = waitsFor };
        WorkCount done = new();
        Task<T> task = call(done.Add);
        meter.Follow(task, shown => shown.MoveTo(done.Items, done.Bytes), stop);
        return task.GetAwaiter().GetResult();
    }
}
