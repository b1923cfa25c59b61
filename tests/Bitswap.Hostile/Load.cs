using System.Diagnostics;

namespace Bitswap.Hostile;

/// <summary>What a process needed while a task ran.</summary>
/// <param name="Peak">The most memory, in bytes.</param>
/// <param name="After">The memory when things have settled after it, in bytes. The collector gives memory back when it sees fit, so this falls late.</param>
/// <param name="Cpu">Processor time, in cores.</param>
internal sealed record Load(long Peak, long After, double Cpu)
{
    /// <summary>What objects in use took when it ended, in bytes.</summary>
    public long InUse { get; init; }

    /// <summary>What objects in use took when things have settled, in bytes.</summary>
    public long InUseAfter { get; init; }

    private static readonly TimeSpan _sampling = TimeSpan.FromMilliseconds(50);

    /// <summary>Watches a process until a task ends.</summary>
    public static async Task<Load> OfAsync(ChildProcess process, Task task)
    {
        TimeSpan before = process.Cpu;
        long started = Stopwatch.GetTimestamp();
        long peak = 0;
        while (!task.IsCompleted)
        {
            peak = Math.Max(peak, process.Memory);
            await Task.WhenAny(task, Task.Delay(_sampling));
        }

        return new Load(peak, process.Memory, (process.Cpu - before) / Stopwatch.GetElapsedTime(started));
    }
}
