using System.Globalization;

namespace Bitswap.Benchmarks;

/// <summary>What one way of reading a file cost.</summary>
/// <param name="Way">How it was done.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Cpu">Seconds of user and system time of all cores; null where the machine does not tell.</param>
/// <param name="PeakMiB">The most memory the process had; null for programs that are not ours.</param>
/// <param name="AllocatedPerBlock">Bytes taken from the garbage collector for each block; null for programs that are not ours.</param>
/// <param name="Cid">What came out; null for programs that are not ours.</param>
internal sealed record ImportFigure(string Way, double Seconds, double? Cpu, long? PeakMiB, long? AllocatedPerBlock, string? Cid)
{
    /// <summary>The figure whose wall time is in the middle.</summary>
    public static ImportFigure Median(IEnumerable<ImportFigure> figures)
    {
        ImportFigure[] sorted = [.. figures.OrderBy(figure => figure.Seconds)];
        return sorted[sorted.Length / 2];
    }

    /// <summary>The figure as a line, beside those of the programs that only hash.</summary>
    public string Line(string label, long bytes, IEnumerable<ImportFigure> references)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture, $"{Way,-10} {label,-7} {Seconds,8:F3} s  {bytes / 1048576.0 / Seconds,6:F0} MiB/s  cpu {Cpu,7:F3} s");
        foreach (ImportFigure reference in references.Where(reference => reference.Way != Way))
        {
            line += string.Create(CultureInfo.InvariantCulture, $"  of {reference.Way} {Seconds / reference.Seconds:F2} (cpu {Cpu / reference.Cpu:F2})");
        }

        return PeakMiB is { } peak ? string.Create(CultureInfo.InvariantCulture, $"{line}  rss {peak} MiB  allocated {AllocatedPerBlock} B a block") : line;
    }
}
