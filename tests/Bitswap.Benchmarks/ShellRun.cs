using System.Diagnostics;
using System.Globalization;

namespace Bitswap.Benchmarks;

/// <summary>What the module costs a new PowerShell process: importing it, and fetching a first block, beside a process that does neither.</summary>
internal static class ShellRun
{
    private const string Report = "; [Console]::Out.Write($timer.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture))";

    public static async Task<int> RunAsync(string[] arguments)
    {
        int rounds = arguments is ["--rounds", string count] ? int.Parse(count, CultureInfo.InvariantCulture) : 7;
        string root = FindRoot();
        string folder = Directory.CreateTempSubdirectory("bitswap-bench-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "Empty.psm1"), "");
            await File.WriteAllTextAsync(
                Path.Combine(folder, "Empty.psd1"),
                "@{ RootModule = 'Empty.psm1'; ModuleVersion = '1.0'; FunctionsToExport = @(); CmdletsToExport = @(); AliasesToExport = @(); VariablesToExport = @() }");
            string import = $"Import-Module '{Path.Combine(root, "Bitswap.psd1").Replace("'", "''", StringComparison.Ordinal)}'";
            (string Name, string Script)[] ways =
            [
                ("nothing", ""),
                ("an empty module", $"Import-Module '{Path.Combine(folder, "Empty.psd1")}'"),
                ("this module", import),
                ("this module, two nodes, one block fetched",
                    import + "; $a = Start-BitswapNode; $b = Start-BitswapNode -Peer $a.Addresses; $null = 'x' | Add-BitswapBlock -Node $a | Get-BitswapBlock -Node $b"),
            ];
            Dictionary<string, List<double>> inside = ways.ToDictionary(way => way.Name, _ => new List<double>());
            Dictionary<string, List<double>> whole = ways.ToDictionary(way => way.Name, _ => new List<double>());

            // in turns, so that what else the machine does falls on all alike; the first round warms the file cache
            for (int round = 0; round <= rounds; round++)
            {
                foreach ((string name, string script) in ways)
                {
                    (double own, double process) = await TimeAsync(root, script);
                    if (round > 0)
                    {
                        inside[name].Add(own);
                        whole[name].Add(process);
                    }
                }
            }

            Console.WriteLine($"medians of {rounds} new processes each, ms       in it   whole process");
            foreach ((string name, _) in ways)
            {
                Console.WriteLine($"{name,-44} {Median(inside[name]),8:0} {Median(whole[name]),15:0}");
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(double Own, double Process)> TimeAsync(string root, string script)
    {
        ProcessStartInfo start = new("dotnet", ["tool", "run", "pwsh", "--", "-NoProfile", "-NonInteractive", "-Command", $"$timer = [Diagnostics.Stopwatch]::StartNew(); {script}{Report}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = root,
        };
        long started = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        string text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        double whole = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return process.ExitCode == 0
            ? (double.Parse(text, CultureInfo.InvariantCulture), whole)
            : throw new InvalidOperationException($"pwsh ended with {process.ExitCode}. Run `dotnet tool restore` and `dotnet build -c Release src/Bitswap` first.");
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Bitswap.psd1")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Bitswap.psd1 above {AppContext.BaseDirectory}.");
    }
}
