using Bitswap.Node.Logging;

namespace Bitswap.Pipeline;

/// <summary>Writes what a node logs while a cmdlet waits for it: to the verbose and the debug stream, on the pipeline thread and no other.</summary>
/// <param name="sink">Where it is written.</param>
/// <param name="isDetailed">Whether the debug stream is wanted, too.</param>
internal sealed class LogRelay(IPipelineSink sink, bool isDetailed)
{
    /// <summary>Who is to be told by the node.</summary>
    public NodeLogListener Listener { get; } = new(isDetailed);

    /// <summary>Waits for a task, and writes meanwhile.</summary>
    public T Wait<T>(ValueTask<T> task)
    {
        Task<T> waited = task.AsTask();
        using CancellationTokenSource done = new();
        while (!waited.IsCompleted)
        {
            Task<bool> line = Listener.WaitAsync(done.Token).AsTask();
            PipelineThread.Wait(Task.WhenAny(waited, line));
            if (waited.IsCompleted)
            {
                done.Cancel();
                PipelineThread.Wait(line.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default));
            }

            Drain();
        }

        Drain();
        return PipelineThread.Wait(new ValueTask<T>(waited));
    }

    /// <summary>Writes what there is, waiting for nothing.</summary>
    public void Drain()
    {
        while (Listener.TryRead(out NodeLogLine line))
        {
            if (line.IsDetail)
            {
                sink.WriteDebug(line.Text);
            }
            else
            {
                sink.WriteVerbose(line.Text);
            }
        }
    }
}
