using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Bitswap.Benchmarks;

/// <summary>
/// How fast a file is saved to a disk from another process, and in how much memory: by a node as it is by default, whose blocks are in memory, beside one that holds none, and
/// beside how fast the blocks alone are fetched.
/// </summary>
internal static class FilesRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string[] words)
    {
        int rounds = Words.Number(words, "--rounds", 3);
        int size = Words.Number(words, "--size", 256);
        string program = typeof(FilesRun).Assembly.Location.Replace("Bitswap.Benchmarks", "Bitswap.Peer", StringComparison.Ordinal);
        string folder = Directory.CreateTempSubdirectory("bitswap-files-").FullName;
        try
        {
            string[] files = [Path.Combine(folder, "before.bin"), Path.Combine(folder, "timed.bin")];
            await WriteAsync(files[0], size, seed: 1);
            await WriteAsync(files[1], size, seed: 2);
            for (int round = 1; round <= rounds; round++)
            {
                Console.WriteLine(await RoundAsync(program, files, Path.Combine(folder, $"round{round}"), round));
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RoundAsync(string program, string[] files, string folder, int round)
    {
        Directory.CreateDirectory(folder);
        string cids = Path.Combine(folder, "cids");
        using Process provider = Start(program, ["share", .. files, "--cids", cids, "--stdin"]);
        try
        {
            JsonElement told = await FirstLineAsync(provider);
            string address = told.GetProperty("addr").GetString()!;
            string[] roots = [.. told.GetProperty("roots").EnumerateArray().Select(root => root.GetString()!)];
            using Process get = Start(program, ["get", "--peer", address, "--cids", cids, "--warmup", $"{told.GetProperty("blocks").GetInt32() / files.Length}"]);
            double bare = (await FirstLineAsync(get)).GetProperty("MiBps").GetDouble();
            string[] words = ["save", "--peer", address, "--cid", roots[1], "--warmup", roots[0], "--to"];
            JsonElement saved = await SaveAsync(program, [.. words, Path.Combine(folder, "default")]);
            JsonElement unstored = await SaveAsync(program, [.. words, Path.Combine(folder, "discard"), "--discard"]);
            double rate = Rate(saved);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"save #{round}  {saved.GetProperty("bytes").GetInt64() >> 20} MiB  {saved.GetProperty("seconds").GetDouble():F3} s  {rate,6:F0} MiB/s  without a store {Rate(unstored),6:F0} MiB/s  get {bare,6:F0} MiB/s  ratio {rate / bare:F2}  rss {saved.GetProperty("maxRssMiB").GetInt32()} MiB  allocated {saved.GetProperty("allocatedPerByte").GetDouble():F2} B/B");
        }
        finally
        {
            provider.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Rate(JsonElement saved) => saved.GetProperty("MiBps").GetDouble();

    private static async Task<JsonElement> SaveAsync(string program, string[] words)
    {
        Directory.CreateDirectory(words[Array.IndexOf(words, "--to") + 1]);
        using Process save = Start(program, words);
        return await FirstLineAsync(save);
    }

    private static async Task WriteAsync(string path, int mebibytes, int seed)
    {
        byte[] data = new byte[1 << 20];
        Random random = new(seed);
        await using FileStream file = File.Create(path);
        for (int i = 0; i < mebibytes; i++)
        {
            random.NextBytes(data);
            await file.WriteAsync(data);
        }
    }

    private static Process Start(string assembly, string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    private static async Task<JsonElement> FirstLineAsync(Process process) => JsonDocument.Parse(
        await process.StandardOutput.ReadLineAsync().WaitAsync(_patience)
        ?? throw new InvalidOperationException($"{process.StartInfo.ArgumentList[1]} ended without a word.")).RootElement;
}
