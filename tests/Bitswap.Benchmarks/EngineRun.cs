using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Bitswap.Benchmarks;

/// <summary>
/// Measures the engine and compares with the figures that are kept beside this file. Speed differs between machines, so a loop of plain work is timed with it
/// and the figures are of its time; bytes are the same everywhere.
/// </summary>
internal static class EngineRun
{
    private const int Count = 100_000;

    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };

    public static int Run(string[] words)
    {
        Cid[] cids = new Cid[Count];
        for (int i = 0; i < Count; i++)
        {
            cids[i] = EngineBench.CidOf(i);
        }

        EngineBench.Run(cids);
        EngineFigure? client = null;
        EngineFigure? server = null;
        double machine = 0;
        for (int round = 0; round < 5; round++)
        {
            (EngineFigure c, EngineFigure s) = EngineBench.Run(cids);
            client = Better(client, c);
            server = Better(server, s);
            machine = Math.Max(machine, PlainWork());
        }

        var now = new Dictionary<string, double>
        {
            ["machine, million look-ups a second"] = machine,
            ["client, blocks a second"] = client!.BlocksPerSecond,
            ["client, blocks a thousand look-ups"] = client.BlocksPerSecond / machine / 1000,
            ["client, bytes a block"] = client.BytesPerBlock,
            ["server, blocks a second"] = server!.BlocksPerSecond,
            ["server, blocks a thousand look-ups"] = server.BlocksPerSecond / machine / 1000,
            ["server, bytes a block"] = server.BytesPerBlock,
        };
        string path = Baseline();
        Dictionary<string, double> kept = File.Exists(path) ? JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllText(path))! : [];
        foreach ((string name, double value) in now)
        {
            string ratio = kept.TryGetValue(name, out double old) ? string.Create(CultureInfo.InvariantCulture, $"  kept {old,12:F1}  ratio {value / old:F2}") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-36} {value,12:F1}{ratio}"));
        }

        if (words.Contains("--keep"))
        {
            File.WriteAllText(path, JsonSerializer.Serialize(now.ToDictionary(f => f.Key, f => Math.Round(f.Value, 1)), _json) + Environment.NewLine);
        }

        return 0;
    }

    private static EngineFigure Better(EngineFigure? a, EngineFigure b) =>
        a is null ? b : new EngineFigure(Math.Max(a.BlocksPerSecond, b.BlocksPerSecond), Math.Min(a.BytesPerBlock, b.BytesPerBlock));

    /// <summary>Millions of look-ups a second in a table of a hundred thousand: what an engine mostly does.</summary>
    private static double PlainWork()
    {
        var table = new Dictionary<long, long>();
        for (long i = 0; i < Count; i++)
        {
            table[i * 7919] = i;
        }

        long sum = 0;
        var watch = Stopwatch.StartNew();
        for (int round = 0; round < 10; round++)
        {
            for (long i = 0; i < Count; i++)
            {
                sum += table[i * 7919];
            }
        }

        watch.Stop();
        return sum > 0 ? 10.0 * Count / watch.Elapsed.TotalSeconds / 1e6 : 0;
    }

    private static string Baseline([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "engine-baseline.json");
}
