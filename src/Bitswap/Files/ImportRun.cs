using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Pipeline;

namespace Bitswap.Files;

/// <summary>Waits for an import, shows how far it is, and cancels it when the pipeline ends.</summary>
internal static class ImportRun
{
    /// <summary>How long one that is cancelled is waited for. It is over by then, unless a user's block store does not return.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs an import to its end, and reports what it leaves out.</summary>
    /// <param name="sink">Where progress shows.</param>
    /// <param name="activity">What goes on, as a heading.</param>
    /// <param name="progress">The counters that the import writes.</param>
    /// <param name="start">Starts it.</param>
    /// <param name="stopping">Cancels it.</param>
    /// <exception cref="Errors.FaultException">What the import threw.</exception>
    public static UnixFsImport Wait(
        IPipelineSink sink, string activity, ImportProgress progress, Func<CancellationToken, Task<UnixFsImport>> start, CancellationToken stopping)
    {
        CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task<UnixFsImport> import = start(stop.Token);
        try
        {
            using ProgressMeter meter = new(sink, activity, TimeProvider.System, "files");
            (long filesBefore, long bytesBefore, long totalBefore) = (progress.Files, progress.Bytes, progress.TotalBytes);
            while (!PipelineThread.Wait(import, _glance, stopping))
            {
                stopping.ThrowIfCancellationRequested();
                meter.TotalBytes = progress.TotalBytes - totalBefore;
                for (long files = progress.Files - filesBefore; meter.Done < files;)
                {
                    meter.Add(0);
                }

                meter.AddBytes(progress.Bytes - bytesBefore - meter.Bytes);
            }

            UnixFsImport result = ImportFaults.Guard(() => PipelineThread.Wait(new ValueTask<UnixFsImport>(import)));
            foreach (DagException left in result.Skipped)
            {
                sink.WriteFault(ImportFaults.Of(left));
            }

            return result;
        }
        finally
        {
            stop.Cancel();
            if (PipelineThread.Wait(import, Patience, CancellationToken.None))
            {
                stop.Dispose();
            }
        }
    }
}
