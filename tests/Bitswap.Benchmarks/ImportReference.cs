using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Bitswap.Benchmarks;

/// <summary>A program of the machine that reads the same file; null results where the machine has no such program.</summary>
/// <param name="Way">What the figure is called.</param>
/// <param name="Program">What is started.</param>
/// <param name="Arguments">The arguments of one that reads a file, and writes to another if it writes at all.</param>
internal sealed record ImportReference(string Way, string Program, Func<string, string, string[]> Arguments)
{
    // USER_HZ, which Linux has fixed at 100 for what it tells programs (proc_pid_stat(5), sysconf(3))
    private const double TicksPerSecond = 100;

    /// <summary>The programs that hash: what an import is compared with.</summary>
    public static IReadOnlyList<ImportReference> Hashes { get; } =
    [
        new("sha256sum", "sha256sum", (file, _) => [file]),
        new("openssl", "openssl", (file, _) => ["dgst", "-sha256", file]),
    ];

    /// <summary>A plain copy to the same disk, flushed: what no import into a store can be faster than.</summary>
    public static ImportReference Copy { get; } =
        new("dd+fsync", "dd", (file, copy) => [$"if={file}", $"of={copy}", "bs=1M", "conv=fsync", "status=none"]);

    /// <summary>Runs the program.</summary>
    public async Task<ImportFigure?> RunAsync(string file, string copy)
    {
        ProcessStartInfo start = new(Program, Arguments(file, copy)) { RedirectStandardOutput = true };
        double? cpuBefore = CpuOfChildren();
        long started = Stopwatch.GetTimestamp();
        try
        {
            using Process process = Process.Start(start)!;
            await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return process.ExitCode == 0
                ? new ImportFigure(Way, seconds, CpuOfChildren() - cpuBefore, null, null, null)
                : throw new InvalidOperationException($"{Program} ended with {process.ExitCode}.");
        }
        catch (Win32Exception)
        {
            // no such program here
            return null;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>The processor time of the children that have ended (proc_pid_stat(5), fields 16 and 17).</summary>
    private static double? CpuOfChildren()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // the name of the program, in brackets, may have spaces; field 3 comes after it
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
