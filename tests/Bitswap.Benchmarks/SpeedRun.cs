using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Bitswap.Benchmarks;

/// <summary>Runs the scenarios, each with the bare line right beside it, and prints the ratio.</summary>
internal static class SpeedRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string[] words)
    {
        int rounds = int.Parse(Option(words, "--rounds", "3"), CultureInfo.InvariantCulture);
        string only = Option(words, "--only", "");
        string besideThis = typeof(SpeedRun).Assembly.Location.Replace("Bitswap.Benchmarks", "Bitswap.Peer", StringComparison.Ordinal);
        string program = Path.GetFullPath(Option(words, "--peer", besideThis));
        bool cold = words.Contains("--cold");
        foreach (SpeedScenario chosen in SpeedScenario.All.Where(scenario => only.Length == 0 || scenario.Name == only))
        {
            SpeedScenario scenario = cold ? chosen with { Warmup = 0 } : chosen;
            for (int round = 1; round <= rounds; round++)
            {
                double? bare = scenario.Bare ? await BareAsync(scenario) : null;
                JsonElement peer = await PeerAsync(scenario, program);
                Console.WriteLine(Line(scenario, round, bare, peer));
            }
        }

        return 0;
    }

    private static string Line(SpeedScenario scenario, int round, double? bare, JsonElement peer)
    {
        double rate = peer.GetProperty("MiBps").GetDouble();
        string ratio = bare is { } limit ? string.Create(CultureInfo.InvariantCulture, $"  bare {limit,6:F0} MiB/s  ratio {rate / limit:F2}") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{scenario.Name,-10} #{round}  {peer.GetProperty("blocks").GetInt32(),6} blocks  {peer.GetProperty("seconds").GetDouble(),7:F3} s  {rate,6:F0} MiB/s{ratio}  median {peer.GetProperty("medianMs").GetDouble():F3} ms  p90 {peer.GetProperty("p90Ms").GetDouble():F3} ms  rss {peer.GetProperty("maxRssMiB").GetInt32()} MiB  allocated {peer.GetProperty("allocatedPerByte").GetDouble():F2} B/B");
    }

    private static async Task<double> BareAsync(SpeedScenario scenario)
    {
        string self = typeof(SpeedRun).Assembly.Location;
        string size = scenario.Size.ToString(CultureInfo.InvariantCulture);
        using Process server = Start(self, ["bare-serve", size, $"{scenario.Warmup + scenario.Count}"]);
        try
        {
            string port = await FirstLineAsync(server);
            using Process client = Start(self, ["bare-get", port, size, $"{scenario.Warmup}", $"{scenario.Count}"]);
            double seconds = double.Parse(await FirstLineAsync(client), CultureInfo.InvariantCulture);
            return (double)scenario.Size * scenario.Count / (1 << 20) / seconds;
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task<JsonElement> PeerAsync(SpeedScenario scenario, string program)
    {
        string cids = Path.GetTempFileName();
        try
        {
            using Process provider = Start(program, ["provide", "--size", $"{scenario.Size}", "--count", $"{scenario.Warmup + scenario.Count}", "--cids", cids, "--stdin"]);
            string address = JsonDocument.Parse(await FirstLineAsync(provider)).RootElement.GetProperty("addr").GetString()!;
            using Process getter = Start(program, ["get", "--peer", address, "--cids", cids, "--parallel", scenario.Parallel, "--warmup", $"{scenario.Warmup}"]);
            JsonElement result = JsonDocument.Parse(await FirstLineAsync(getter)).RootElement;
            provider.StandardInput.Close();
            await provider.WaitForExitAsync().WaitAsync(_patience);
            return result;
        }
        finally
        {
            File.Delete(cids);
        }
    }

    private static Process Start(string assembly, string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;

    private static async Task<string> FirstLineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(_patience)
        ?? throw new InvalidOperationException($"{process.StartInfo.ArgumentList[1]} ended without a word.");

    private static string Option(string[] words, string name, string fallback)
    {
        int at = Array.IndexOf(words, name);
        return at >= 0 && at + 1 < words.Length ? words[at + 1] : fallback;
    }
}
