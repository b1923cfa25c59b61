using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Pipeline;

namespace Bitswap.Files;

/// <summary>Waits for an import, shows how far it is, and cancels it when the pipeline ends.</summary>
internal static class ImportRun
{
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
            meter.Follow(
                import,
                shown =>
                {
                    shown.TotalBytes = progress.TotalBytes - totalBefore;
                    shown.MoveTo(progress.Files - filesBefore, progress.Bytes - bytesBefore);
                },
                stopping);

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
            if (PipelineThread.Wait(import, PipelineThread.StopTime, CancellationToken.None))
            {
                stop.Dispose();
            }
        }
    }
}
