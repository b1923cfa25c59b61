using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Bitswap.Benchmarks;

/// <summary>
/// A provider that is far away: behind a proxy that delays each way. Rows of blocks have beside them the bare line through the same proxy, and that of a folder, which is saved to a disk, the
/// same without delay. Both processes are connected, and warm, before it is counted: dialling and handshakes are not in it.
/// </summary>
internal static class FarRun
{
    private const int Files = 1000;
    private const int Folders = 100;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private static readonly string _self = typeof(FarRun).Assembly.Location;
    private static readonly string _peer = _self.Replace("Bitswap.Benchmarks", "Bitswap.Peer", StringComparison.Ordinal);

    public static async Task<int> RunAsync(string[] words)
    {
        int rounds = int.Parse(Option(words, "--rounds", "3"), CultureInfo.InvariantCulture);
        string only = Option(words, "--only", "");
        double rate = double.Parse(Option(words, "--rate", "100"), CultureInfo.InvariantCulture) * (1 << 20);
        int[] delays = [.. Option(words, "--round-trip", "40,100").Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
        foreach (int milliseconds in delays)
        {
            var roundTrip = TimeSpan.FromMilliseconds(milliseconds);
            for (int round = 1; round <= rounds; round++)
            {
                if (only is "" or "small")
                {
                    Print("small", roundTrip, round, await BlocksAsync(roundTrip, 0, 1 << 10, 4000, 1000), await BareAsync(roundTrip, 0, 1 << 10, 4000, 1000));
                }

                if (only is "" or "large")
                {
                    Print("large", roundTrip, round, await BlocksAsync(roundTrip, rate, 1 << 20, 64, 256), await BareAsync(roundTrip, rate, 1 << 20, 64, 256));
                }

                if (only is "" or "folder")
                {
                    PrintBeside("folder", roundTrip, round, await FolderAsync(roundTrip), await FolderAsync(TimeSpan.Zero));
                }
            }
        }

        return 0;
    }

    private static void Print(string name, TimeSpan roundTrip, int round, double seconds, double bare) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"far {name,-7} {roundTrip.TotalMilliseconds,4} ms #{round}  {seconds:F3} s  {seconds / roundTrip.TotalSeconds,5:F1} round trips  bare {bare:F3} s  ratio {bare / seconds:F2}"));

    private static void PrintBeside(string name, TimeSpan roundTrip, int round, double seconds, double near) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"far {name,-7} {roundTrip.TotalMilliseconds,4} ms #{round}  {seconds:F3} s  without delay {near:F3} s  {(seconds - near) / roundTrip.TotalSeconds,5:F1} round trips between them"));

    private static async Task<double> BlocksAsync(TimeSpan roundTrip, double rate, int size, int warmup, int count)
    {
        string cids = Path.GetTempFileName();
        try
        {
            using Process provider = Start(_peer, ["provide", "--size", $"{size}", "--count", $"{warmup + count}", "--cids", cids, "--stdin"]);
            using DelayProxy proxy = Through((await JsonAsync(provider)).GetProperty("addr").GetString()!, roundTrip, rate, out string address);
            using Process getter = Start(_peer, ["get", "--peer", address, "--cids", cids, "--warmup", $"{warmup}"]);
            double seconds = (await JsonAsync(getter)).GetProperty("seconds").GetDouble();
            provider.StandardInput.Close();
            await provider.WaitForExitAsync().WaitAsync(_patience);
            return seconds;
        }
        finally
        {
            File.Delete(cids);
        }
    }

    private static async Task<double> BareAsync(TimeSpan roundTrip, double rate, int size, int warmup, int count)
    {
        using Process server = Start(_self, ["bare-serve", $"{size}", $"{warmup + count}"]);
        try
        {
            using DelayProxy proxy = new(int.Parse(await LineAsync(server), CultureInfo.InvariantCulture), roundTrip / 2, rate);
            using Process client = Start(_self, ["bare-get", $"{proxy.Port}", $"{size}", $"{warmup}", $"{count}"]);

            // It is sent without being asked for, so the way that the question takes is added.
            return double.Parse(await LineAsync(client), CultureInfo.InvariantCulture) + roundTrip.TotalSeconds;
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task<double> FolderAsync(TimeSpan roundTrip)
    {
        string folder = Directory.CreateTempSubdirectory("bitswap-far-").FullName;
        try
        {
            string[] trees = [Write(folder, "before"), Write(folder, "timed")];
            using Process provider = Start(_peer, ["share", .. trees, "--stdin"]);
            JsonElement told = await JsonAsync(provider);
            string[] roots = [.. told.GetProperty("roots").EnumerateArray().Select(root => root.GetString()!)];
            using DelayProxy proxy = Through(told.GetProperty("addr").GetString()!, roundTrip, 0, out string address);
            string to = Directory.CreateDirectory(Path.Combine(folder, "to")).FullName;
            using Process save = Start(_peer, ["save", "--peer", address, "--cid", roots[1], "--warmup", roots[0], "--to", to]);
            double seconds = (await JsonAsync(save)).GetProperty("seconds").GetDouble();
            provider.Kill();
            return seconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Write(string folder, string name)
    {
        string tree = Path.Combine(folder, name);
        for (int i = 0; i < Files; i++)
        {
            string inner = Directory.CreateDirectory(Path.Combine(tree, $"{i % Folders:D2}")).FullName;
            File.WriteAllText(Path.Combine(inner, $"{i}.txt"), $"{name} {i}");
        }

        return tree;
    }

    /// <summary>Puts the proxy before a peer, and gives the address of the peer behind it.</summary>
    private static DelayProxy Through(string address, TimeSpan roundTrip, double rate, out string far)
    {
        string[] parts = address.Split('/');
        int at = Array.IndexOf(parts, "tcp") + 1;
        DelayProxy proxy = new(int.Parse(parts[at], CultureInfo.InvariantCulture), roundTrip / 2, rate);
        parts[at] = proxy.Port.ToString(CultureInfo.InvariantCulture);
        far = string.Join('/', parts);
        return proxy;
    }

    private static Process Start(string assembly, string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    private static async Task<JsonElement> JsonAsync(Process process) => JsonDocument.Parse(await LineAsync(process)).RootElement;

    private static async Task<string> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(_patience)
        ?? throw new InvalidOperationException($"{process.StartInfo.ArgumentList[1]} ended without a word.");

    private static string Option(string[] words, string name, string fallback)
    {
        int at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : fallback;
    }
}
