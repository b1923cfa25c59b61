using System.Diagnostics;
using System.Globalization;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Node;
using Bitswap.Node.Content;

namespace Bitswap.Benchmarks;

/// <summary>How fast a file is read from a gateway in another process by its CAR, verified, beside curl and HttpClient, which take the same bytes and do nothing with them.</summary>
internal static class CarRun
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    public static async Task<int> RunAsync(string[] words)
    {
        int rounds = Words.Number(words, "--rounds", 5);
        int size = Words.Number(words, "--size", 256);
        int chunk = Words.Number(words, "--chunk", 1024);
        int rate = Words.Number(words, "--rate", 0);
        using Process server = Process.Start(new ProcessStartInfo("dotnet", [typeof(CarRun).Assembly.Location, "car-serve", $"{size << 20}", $"{chunk << 10}", $"{rate}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            string[] told = (await server.StandardOutput.ReadLineAsync().WaitAsync(_patience) ?? throw new InvalidOperationException("The server ended without a word.")).Split(' ');
            Uri gateway = new($"http://127.0.0.1:{told[0]}");
            Cid root = Cid.Parse(told[1]);
            double mebibytes = long.Parse(told[2], CultureInfo.InvariantCulture) / 1048576.0;
            Uri car = new(gateway, $"/ipfs/{root}?format=car");
            List<double> ratios = [];

            // The first is for the compiler.
            for (int round = 0; round <= rounds; round++)
            {
                double? curl = await CurlAsync(car);
                TimeSpan start = Spent();
                double copy = await CopyAsync(car);
                double copyCost = (Spent() - start).TotalMilliseconds / mebibytes;
                start = Spent();
                double ours = await ReadAsync(gateway, root, (long)size << 20);
                double cost = (Spent() - start).TotalMilliseconds / mebibytes;
                if (round > 0)
                {
                    ratios.Add((curl ?? copy) / ours);
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"car #{round}  {mebibytes:F0} MiB in blocks of {chunk} KiB  verified {mebibytes / ours,6:F0} MiB/s  curl {(curl is { } time ? mebibytes / time : 0),6:F0} MiB/s  HttpClient {mebibytes / copy,6:F0} MiB/s  ratio {ratios[^1]:F2}  processor time {cost:F2} ms/MiB, of HttpClient {copyCost:F2}  load {Load()}"));
                }
            }

            ratios.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median ratio {ratios[ratios.Count / 2]:F2}"));
            return 0;
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
        }
    }

    private static async Task<double> ReadAsync(Uri gateway, Cid root, long size)
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Http = new HttpRetrievalOptions { Gateways = [gateway] } });
        while (!(await node.GetPeersAsync()).Any(peer => peer.Version is not null))
        {
            await Task.Delay(10);
        }

        await using FetchSession session = new(node, new FetchSessionOptions { Passing = true });
        long begun = Stopwatch.GetTimestamp();
        session.Expect(new GraphRange(root, GraphScope.Entity));
        long read = 0;
        await foreach (ReadOnlyMemory<byte> piece in new UnixFsReader(session.Reader).ReadAsync(root))
        {
            read += piece.Length;
        }

        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return read == size ? seconds : throw new InvalidOperationException($"{read} bytes came in the place of {size}.");
    }

    // Null where there is none.
    private static async Task<double?> CurlAsync(Uri car)
    {
        try
        {
            using Process curl = Process.Start(new ProcessStartInfo("curl", ["-s", "-o", OperatingSystem.IsWindows() ? "NUL" : "/dev/null", "-w", "%{time_total}", car.AbsoluteUri]) { RedirectStandardOutput = true })!;
            string told = await curl.StandardOutput.ReadToEndAsync();
            await curl.WaitForExitAsync();
            return curl.ExitCode == 0 ? double.Parse(told, CultureInfo.InvariantCulture) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static async Task<double> CopyAsync(Uri car)
    {
        using HttpClient client = new();
        long begun = Stopwatch.GetTimestamp();
        await using Stream body = await client.GetStreamAsync(car);
        await body.CopyToAsync(Stream.Null, 1 << 20);
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static TimeSpan Spent() => Process.GetCurrentProcess().TotalProcessorTime;

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
