using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Bitswap.Benchmarks;

/// <summary>How fast a file becomes blocks, beside programs that hash the same file and one that copies it.</summary>
internal static class ImportRun
{
    private const int WriteSize = 1 << 20;

    /// <summary>A larger file is not put into memory unless it is asked for.</summary>
    private const long LargestInMemory = 4L << 30;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(string[] words)
    {
        int rounds = int.Parse(Option(words, "--rounds", "3"), CultureInfo.InvariantCulture);
        long size = long.Parse(Option(words, "--size", "1073741824"), CultureInfo.InvariantCulture);
        string profile = Option(words, "--profile", "unixfs-v1-2025");
        string[] ways = words.Contains("--hash-only") ? ["hash"] : Option(words, "--ways", size > LargestInMemory ? "hash,flat" : "hash,memory,flat").Split(',');
        long touched = long.Parse(Option(words, "--touch", $"{Math.Min(6 * size, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 3)}"), CultureInfo.InvariantCulture);
        string folder = Directory.CreateDirectory(Path.Combine(Option(words, "--folder", Path.GetTempPath()), $"bitswap-import-{Guid.NewGuid():N}")).FullName;
        try
        {
            string file = Path.Combine(folder, "timed.bin");
            string warmup = words.Contains("--cold") ? "" : Path.Combine(folder, "before.bin");
            await WriteAsync(file, size, seed: 1);
            if (warmup.Length > 0)
            {
                await WriteAsync(warmup, Math.Min(size, 64 << 20), seed: 2);
            }

            List<ImportFigure> all = [];
            for (int round = 1; round <= rounds; round++)
            {
                // before the programs that only read: ext4 makes new files slowly for 5 seconds after many were removed
                RemoveStore(folder);
                all.AddRange(await RoundAsync(round, size, ways, way => OnceAsync(way, warmup, file, folder, profile), file, touched));
            }

            List<ImportFigure> medians = [.. all.GroupBy(figure => figure.Way).Select(ImportFigure.Median)];
            Tell("median", size, medians);
            string[] cids = [.. all.Select(figure => figure.Cid).OfType<string>().Distinct()];
            Console.WriteLine(string.Join(' ', cids));
            return cids.Length == 1 ? 0 : throw new InvalidOperationException("One file had several CIDs.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<List<ImportFigure>> RoundAsync(
        int round, long size, string[] ways, Func<string, Task<ImportFigure>> once, string file, long touched)
    {
        List<ImportFigure> figures = [];
        foreach (ImportReference reference in ways.Contains("flat") ? [.. ImportReference.Hashes, ImportReference.Copy] : ImportReference.Hashes)
        {
            if (reference == ImportReference.Copy)
            {
                await MemoryTouch.InChildAsync(touched);
            }

            if (await reference.RunAsync(file, file + ".copy") is { } figure)
            {
                figures.Add(figure);
            }
        }

        foreach (string way in ways)
        {
            if (way != "hash")
            {
                await MemoryTouch.InChildAsync(touched);
            }

            figures.Add(await once(way));
        }

        Tell($"#{round}", size, figures);
        return figures;
    }

    private static void Tell(string label, long size, List<ImportFigure> figures)
    {
        List<ImportFigure> references = [.. figures.Where(figure => ImportReference.Hashes.Any(reference => reference.Way == figure.Way))];
        foreach (ImportFigure figure in figures)
        {
            Console.WriteLine(figure.Line(label, size, figure.Cid is null ? [] : references));
        }
    }

    private static void RemoveStore(string folder)
    {
        if (Directory.Exists(Store(folder)))
        {
            Directory.Delete(Store(folder), recursive: true);
        }
    }

    private static string Store(string folder) => Path.Combine(folder, "store");

    private static async Task<ImportFigure> OnceAsync(string way, string warmup, string file, string folder, string profile)
    {
        string[] arguments = [typeof(ImportRun).Assembly.Location, "import-once", way, warmup, file, Store(folder), profile];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string line = await process.StandardOutput.ReadLineAsync().WaitAsync(_patience) ?? throw new InvalidOperationException($"{way} ended without a word.");
        await process.WaitForExitAsync().WaitAsync(_patience);
        return JsonSerializer.Deserialize<ImportFigure>(line)!;
    }

    /// <summary>Bytes that are the same everywhere, and on the disk before anything is timed.</summary>
    private static async Task WriteAsync(string path, long size, int seed)
    {
        byte[] data = new byte[WriteSize];
        Random random = new(seed);
        await using FileStream file = File.Create(path, bufferSize: 0);
        for (long left = size; left > 0; left -= data.Length)
        {
            random.NextBytes(data);
            await file.WriteAsync(data.AsMemory(0, (int)Math.Min(left, data.Length)));
        }

        file.Flush(flushToDisk: true);
    }

    private static string Option(string[] words, string name, string fallback)
    {
        int at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : fallback;
    }
}
